"""What people read of a link."""

import html as html_lib
import re
import textwrap
from urllib.parse import urlsplit

from . import markup

MAX_LENGTH = 80  # characters

# Tags do not part words where they are these: "P<b>rice</b>" reads "Price".
_inline_tag = re.compile(
    r"</?(?:a|b|em|font|i|s|small|span|strong|sub|sup|u)(?=[ \t\n\f\r/>])[^<>]*>",
    re.IGNORECASE,
)
_any_tag = re.compile(r"<[^<>]*>")
_TOLD_APART = frozenset(("img", markup.COMMENT))
_visible_url = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)


def of_link(html, tag, content_end):
    """A link's visible text, on one line and without the queries of addresses in it.

    :param str html: that the link is in
    :param markup.Tag tag: that opens it
    :param int content_end: where its content ends
    :return: "" where nothing is to be read
    :rtype: str
    """
    if tag.name == "area":
        text = _alt(html, tag)
    else:
        text = _visible_text(html, tag.end, content_end)
    if "&" in text:
        text = html_lib.unescape(text)
    if ":" in text or "." in text:
        text = _visible_url.sub(lambda found: readable_address(found[0]), text)
    return _shorten(text)


def readable_address(url):
    """Host and path of a URL: what may be shown of it.

    The query and the fragment can hold access tokens, the user part a password.

    :param str url: an http(s) URL, or one that people write without its scheme
    :rtype: str
    """
    try:
        parts = urlsplit(url if "//" in url[:8] else f"//{url}")
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return _shorten(host + parts.path.rstrip("/"))


def _visible_text(html, start, end):
    """The text between two places, and what stands for its images; not yet decoded."""
    pieces, text = [], html[start:end]
    if "<!--" in text or "alt" in text.lower():
        for tag in markup.tags(html, _TOLD_APART, start=start, end=end):
            pieces.append(html[start : tag.start])
            if tag.name == "img":
                pieces.append(f" {_alt(html, tag)} ")
            start = tag.end
        text = "".join([*pieces, html[start:end]])
    if "<" in text:
        text = _any_tag.sub(" ", _inline_tag.sub("", text))
    return text


def _alt(html, tag):
    span = markup.attribute(html, tag, "alt")
    return html[slice(*span)] if span else ""


def _shorten(text):
    text = " ".join(text.split())
    if len(text) <= MAX_LENGTH:
        return text
    return textwrap.shorten(text, MAX_LENGTH, placeholder="…")
