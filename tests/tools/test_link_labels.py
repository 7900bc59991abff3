"""tools/link_labels: the labels that users see for links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.link_labels import (
    readable_address,
    readable_destination,
    readable_text,
)
from odoo.addons.pipeline_tracking.tools.rewrite import Document


def find_links(html):
    return Document(html).links


@pytest.mark.parametrize(
    "html, label",
    [
        ('<a href="http://x.com"> our <b>pri</b>ce\n list </a>', "our price list"),
        ('<a href="http://x.com">a<br>b</a>', "a b"),
        ('<a href="http://x.com">R&amp;D</a>', "R&D"),
        ('<a href="http://x.com"><img src="y.png" alt="Logo"></a>', "Logo"),
        ('<area href="http://x.com" alt="Map">', "Map"),
        ('<a href="http://x.com/a/?token=1"></a>', "x.com"),
        ('<a href="http://x.com/a?token=1">http://x.com/a?token=1</a>', "x.com"),
        (
            '<a href="https://x.com">https://docs.example.org/d/SECRET</a>',
            "docs.example.org",
        ),
        ('<a href="https://x.com">docs.example.org/d/SECRET</a>', "docs.example.org"),
        ('<a href="http://x.com">report.pdf</a>', "report.pdf"),
        ('<a href="http://x.com">acme.com</a>', "acme.com"),
        ('<a href="http://x.com">Prices and/or 1.5/kg</a>', "Prices and/or 1.5/kg"),
        ('<a href="http://x.com">(see https://x.com/s).</a>', "(see x.com)."),
        ('<a href="http://x.com">&#00065;&#x41;</a>', "AA"),
        ('<a href="http://u:p@x.com/">&nbsp;</a>', "x.com"),
        (
            '<a href="http://x.com">Reset: https://x.com/r?token=1 now</a>',
            "Reset: x.com now",
        ),
        ('<a href="http://x.com">www.x.com/s?token=1</a>', "www.x.com"),
        ('<a href="http://x.com"></a><a href="http://x.com">second</a>', "second"),
        ('<a href="http://x.com"><!-- no -->yes</a>', "yes"),
    ],
)
def test_label(html, label):
    assert [link.label for link in find_links(html)] == [label]


def test_a_label_is_short():
    ((_url, label),) = find_links(f'<a href="http://x.com">{"word " * 1000}</a>')
    assert len(label) <= 80


def test_readable_address_tells_no_secret():
    url = "https://user:pass@x.com:8443/p/q/?token=1#frag"
    assert readable_address(url) == "x.com:8443"
    assert readable_address("http://[broken") == ""


def test_readable_destination_has_the_path():
    url = "https://user:pass@x.com/p/q/?token=1#frag"
    assert readable_destination(url) == "x.com/p/q"
    assert readable_destination("http://[broken") == ""


words = st.text(st.characters(blacklist_characters="./?#", blacklist_categories="C"))


@given(words)
def test_words_are_unchanged(text):
    assert readable_text(text[:80]) == " ".join(text[:80].split())


@given(st.sampled_from(["https://", "http://www.", "www.", "ftp://", ""]), words)
def test_no_path_is_in_a_label(scheme, before):
    label = readable_text(f"{before[:20]} {scheme}docs.example.org/d/SECRET?k=SECRET")
    assert "SECRET" not in label
    assert "docs.example.org" in label
