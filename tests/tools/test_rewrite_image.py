"""tools/rewrite: the image comes last, where email clients load it."""

import html5lib
import pytest
from hypothesis import given
from lxml import html as lxml_html

from odoo.addons.pipeline_tracking.tools.rewrite import (
    Document,
    render_decoy,
    render_image,
)

from ..helpers import html_oracle
from ..helpers.random_html import pages

TARGET = "https://o.example.com/t/x"


def add_image(html, source):
    return Document(html).rewrite({}, addition=render_image(source))


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


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>x</td></tr>",
        "<p>y</p><table><tr><td><table><tr><td>x</td></tr></table><td>",
        "<table><tr><td>x<!-- </table> -->",
        "<body><table><tr><td>x</body></html>",
        "<select><option>x",
        "<template>x",
        "x<!-- y",
        "x<!--[if mso]> y",
        "x<style> y",
        "x<a href='y",
        "<table>x<p class='y",
        "<table><tr><!--[if mso]></tr></table><![endif]--><td>x",
    ],
)
def test_the_image_is_outside_elements_that_never_end(html):
    without, _after = html_oracle.without_image(add_image(html, TARGET), TARGET)
    assert without == html_oracle.events(html)
    tree = lxml_html.document_fromstring(add_image(html, TARGET))
    (image,) = tree.iter("img")
    assert not list(image.iterancestors("table", "select", "template"))


def test_the_image_comes_after_closed_tables():
    html = "<table><tr><td>x</table><table><tr><td>y</td></tr></table>z"
    assert add_image(html, TARGET).startswith(html)


@pytest.mark.parametrize(
    "html, after",
    [
        ("<html><body>x</body></html>\n", "</body></html>\n"),
        ("<html><p>x</html>", "</html>"),
        ("<body>x</body><body>y</body>z", "</body>z"),
        ("<body>x</body><body>y", "</body><body>y"),
        ("<body>x</html></body>", "</body>"),
        ("x<!--[if mso]></body><![endif]-->", ""),
        ("<body>x<!-- </body> -->", ""),
    ],
)
def test_position_of_the_image(html, after):
    assert (
        add_image(html, TARGET)
        == html.removesuffix(after) + render_image(TARGET) + after
    )


def test_links_before_and_after_the_addition():
    """The addition comes before a table that never ends, and before links in it."""
    html = '<a href="https://a.com">a</a><table><tr><td><a href="https://b.com">b</a>'
    document = Document(html)
    rewritten = document.rewrite(
        {"https://a.com": TARGET + "a", "https://b.com": TARGET + "b"}, addition="<hr>"
    )
    assert rewritten == html.replace("https://a.com", TARGET + "a").replace(
        "<table>", "<hr><table>"
    ).replace("https://b.com", TARGET + "b")


@given(pages)
def test_the_image_is_the_only_addition(html):
    with_image = add_image(html, TARGET)
    addition = render_image(TARGET)
    start = with_image.index(addition)
    assert with_image[:start] + with_image[start + len(addition) :] == html


@given(pages)
def test_the_image_is_always_loaded_once(html):
    """A browser's tree has the image once, and outside tables."""
    tree = html5lib.parse(add_image(html, TARGET), namespaceHTMLElements=False)
    assert [img.get("src") for img in tree.iter("img")].count(TARGET) == 1
    assert not [img for table in tree.iter("table") for img in table.iter("img")]


def test_the_decoy_link_is_in_no_text_and_belongs_to_no_image():
    url = "https://o.example.com/t/x?a=1&b=2"
    html = Document("<p>x</p>").rewrite({}, addition=render_decoy(url))
    tree = lxml_html.document_fromstring(html)
    [area] = tree.iter("area")
    assert area.get("href") == url
    assert (area.get("tabindex"), area.get("aria-hidden")) == ("-1", "true")
    assert (area.getparent().tag, area.getparent().get("name")) == ("map", "m1")
    assert tree.text_content() == "x"
    assert not tree.xpath("//img")
