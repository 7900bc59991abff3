"""Render the pages of the documentation, which are written in Markdown, as HTML."""

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

_PAGE_LINK = re.compile(r"(?P<name>[\w-]+)\.md(?P<anchor>#[\w-]+)?")
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")

# HTML in a page is shown as text: the parser's default, said for the reader.
_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def render_page(text):
    """Render a page. Headings get the anchors that GitHub gives them, links to other
    pages lead to `NAME` instead of `NAME.md`, and links to other files are shown as
    text.

    :param str text: Markdown (CommonMark with tables)
    :rtype: Markup
    """
    tokens = _parser.parse(text)
    for token, content in zip(tokens, tokens[1:], strict=False):
        if token.type == "heading_open":
            token.attrSet("id", to_anchor(_to_plain_text(content)))
        for child in token.children or ():
            if child.type == "link_open":
                _adapt_link(child)
    return Markup(_parser.renderer.render(tokens, _parser.options, {}))


def get_title(text):
    """Return the title of a page: its first line, which is a heading.

    :param str text: Markdown
    :rtype: str
    """
    return text.partition("\n")[0].removeprefix("# ")


def to_anchor(heading):
    """Return the anchor that GitHub gives to a heading.

    :param str heading: without markup
    :rtype: str
    """
    return _NOT_IN_ANCHOR.sub("", heading.lower()).replace(" ", "-")


def _to_plain_text(inline):
    texts = ("text", "code_inline")
    return "".join(child.content for child in inline.children if child.type in texts)


def _adapt_link(link):
    href = link.attrGet("href")
    page = _PAGE_LINK.fullmatch(href)
    if page:
        link.attrSet("href", page["name"] + (page["anchor"] or ""))
    elif href.startswith(("https://", "http://")):
        link.attrSet("target", "_blank")
        link.attrSet("rel", "noreferrer")
    elif not href.startswith("#"):
        link.attrs = {}
