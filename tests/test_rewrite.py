"""tools/rewrite: links are found and replaced, and nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from odoo.addons.pipeline_tracking.tools.label import readable_address
from odoo.addons.pipeline_tracking.tools.rewrite import Document, image

TARGET = "https://o.example.com/t/x"


def find_links(html):
    return Document(html).links


def rewrite_links(html, targets):
    return Document(html).rewrite(targets)


def add_image(html, source):
    return Document(html).rewrite({}, addition=image(source))


def urls(html):
    return [link.url for link in find_links(html)]


@pytest.mark.parametrize(
    "html, url",
    [
        ('<a href="https://x.com/a?b=1&amp;c=2#d">x</a>', "https://x.com/a?b=1&c=2#d"),
        ("<a href='https://x.com/\"'>x</a>", 'https://x.com/"'),
        ("<a href=https://x.com/a/>x</a>", "https://x.com/a/"),
        ("<A\nCLASS=y\tHREF = 'HTTPS://X.com' >x</A>", "HTTPS://X.com"),
        ('<a href="\n https://x.com/\n\tpath ">x</a>', "https://x.com/path"),
        (
            '<a href="http://x.com/?a=1&copy=2&#38;d">x</a>',
            "http://x.com/?a=1&copy=2&d",
        ),
        ('<a href="http://x.com/?a&lt;b&ltc&lt=">x</a>', "http://x.com/?a<b&ltc&lt="),
        ('<a href="https://x.com" href="https://second.com">x</a>', "https://x.com"),
        ('<a title="a > b" href="https://x.com">x</a>', "https://x.com"),
        ('<map><area href="https://x.com" alt="y"></map>', "https://x.com"),
        ('<table><tr><td><a href="https://x.com">unclosed', "https://x.com"),
        (
            'text < 3 <b <a href="https://x.com">x</a><a href="https://x.com">',
            "https://x.com",
        ),
    ],
)
def test_found_and_replaced(html, url):
    assert urls(html) == [url]
    rewritten = rewrite_links(html, {url: TARGET})
    assert urls(rewritten) == [TARGET]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="mailto:a@x.com">x</a>',
        '<a href="tel:+331">x</a><a href="#top">x</a><a href="/web">x</a>',
        '<a href="">x</a><a>x</a>',
        '<a href="javascript:alert(1)">x</a><a href="data:text/html,x">x</a>',
        '<a href="https:x">x</a><a href="https://">x</a>',
        '<link href="https://x.com"><img src="https://x.com"><form action="https://x.com">',
        '<!-- <a href="https://x.com">x</a> -->',
        '<!--> --><!-- <a href="https://x.com">x</a>',
        "<script>\"<a href='https://x.com'>\"</script>",
        "<style><a href='https://x.com'></style><title><a href='https://x.com'></title>",
        "<img alt=\"<a href='https://x.com'>\">",
        '<abbr href="https://x.com">x</abbr><address href="https://x.com">',
        '</a href="https://x.com">',
        '<a href="https://x.com',
    ],
)
def test_left_alone(html):
    assert urls(html) == []
    assert rewrite_links(html, {"https://x.com": TARGET}) == html


def test_a_destination_is_found_once_and_replaced_everywhere():
    html = "<a href=\"http://x.com\">one</a> <a HREF='http://x.com'>two</a>"
    assert find_links(html) == [("http://x.com", "one")]
    assert urls(rewrite_links(html, {"http://x.com": TARGET})) == [TARGET]


def test_only_what_is_named_is_replaced():
    html = '<a href="http://x.com">one</a> <a href="http://y.com">two</a>'
    assert urls(rewrite_links(html, {"http://y.com": TARGET})) == [
        "http://x.com",
        TARGET,
    ]


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


@pytest.mark.parametrize(
    "html, before, after",
    [
        ("<html><body>x</body></html>", "<html><body>x", "</body></html>"),
        ("<BODY>x</BODY >", "<BODY>x", "</BODY >"),
        ("<body>x<!-- </body> -->y</body>", "<body>x<!-- </body> -->y", "</body>"),
        ("<p>x</p>", "<p>x</p>", ""),
        ("plain text", "plain text", ""),
        ("", "", ""),
    ],
)
def test_the_image_comes_last(html, before, after):
    with_image = add_image(html, TARGET)
    assert with_image.startswith(before) and with_image.endswith(after)
    image = lxml_html.fragment_fromstring(with_image[len(before) :].removesuffix(after))
    assert image.tag == "img"
    assert {name: image.get(name) for name in ("src", "width", "height", "alt")} == {
        "src": TARGET,
        "width": "1",
        "height": "1",
        "alt": "",
    }


fragments = st.sampled_from(
    """<a href="https://x.com/1"> <a|href=https://x.com/2| <A|HREF='https://x.com/3'
    </a> > < " ' = <!-- --> -- <p| <script> </script> <style &amp; &copy text <body>
    </body> / <td|a=b> é""".replace("|", "\t").split(" ")
    + [" ", "\n", "\u00a0"]
)
pages = st.lists(fragments, max_size=40).map("".join)


@given(pages)
def test_nothing_but_the_destinations_changes(html):
    """Put back, they give the same text; nothing was added, lost or moved."""
    targets = {url: f"{TARGET}{number}" for number, url in enumerate(urls(html))}
    rewritten = rewrite_links(html, targets)
    assert urls(rewritten) == list(targets.values())
    back = {target: url for url, target in targets.items()}
    assert rewrite_links(rewritten, back) == rewrite_links(
        html, {url: url for url in targets}
    )
    assert rewrite_links(html, {}) == html


@given(pages)
def test_the_image_is_all_that_is_added(html):
    marker = "<img "
    with_image = add_image(html, TARGET)
    assert len(with_image) - len(html) == len(add_image("", TARGET))
    start = with_image.index(marker)
    assert with_image[:start] + with_image[start + len(add_image("", TARGET)) :] == html


@given(
    st.lists(
        st.sampled_from(["https://x.com/a", "http://y.org/?q=é&b=1", "#", "mailto:a"])
    )
)
def test_an_independent_parser_agrees(hrefs):
    html = "".join(f'<p><a href="{href}">t</a></p>' for href in hrefs)
    seen = [a.get("href") for a in lxml_html.fromstring(f"<div>{html}</div>").iter("a")]
    assert urls(html) == list(
        dict.fromkeys(href for href in seen if href.startswith("http"))
    )
