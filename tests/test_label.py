"""tools/label: what people read of a link."""

import pytest

from odoo.addons.pipeline_tracking.tools.label import readable_address
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
        ('<a href="http://x.com/a/?token=1"></a>', "x.com/a"),
        ('<a href="http://x.com/a?token=1">http://x.com/a?token=1</a>', "x.com/a"),
        ('<a href="http://u:p@x.com/">&nbsp;</a>', "x.com"),
        (
            '<a href="http://x.com">Reset: https://x.com/r?token=1 now</a>',
            "Reset: x.com/r now",
        ),
        ('<a href="http://x.com">www.x.com/s?token=1</a>', "www.x.com/s"),
        ('<a href="http://x.com"></a><a href="http://x.com">second</a>', "second"),
        ('<a href="http://x.com"><!-- no -->yes</a>', "yes"),
    ],
)
def test_label(html, label):
    assert [link.label for link in find_links(html)] == [label]


def test_a_label_has_an_end():
    ((_url, label),) = find_links(f'<a href="http://x.com">{"word " * 1000}</a>')
    assert len(label) <= 80


def test_readable_address_tells_no_secret():
    assert readable_address("https://user:pass@x.com/p/q/?token=1#frag") == "x.com/p/q"
    assert readable_address("http://[broken") == ""
