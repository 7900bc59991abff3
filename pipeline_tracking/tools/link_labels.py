"""Read the visible text of links, and shorten URLs for display."""

import re
import textwrap
from urllib.parse import urlsplit

from . import html_tags

MAX_LENGTH = 80  # characters

# These tags do not separate words: "P<b>rice</b>" reads "Price".
_inline_tag = re.compile(
    r"</?(?:a|b|em|font|i|s|small|span|strong|sub|sup|u)(?=[ \t\n\f\r/>])[^<>]*>",
    re.IGNORECASE,
)
_any_tag = re.compile(r"<[^<>]*>")
_IMAGES_AND_COMMENTS = frozenset(("img", html_tags.COMMENT))
# A URL with a scheme, "www.…", or a host with a path: "acme.com/prices", but not
# "report.pdf".
_visible_address = re.compile(
    r"\b(?:(?:https?|ftp)://|www\.)\S+"
    r"|(?<![\w./-])(?:[\w-]+\.)+[a-z]{2,}(?::[0-9]+)?[/?#]\S+",
    re.IGNORECASE,
)
_PUNCTUATION = ".,;:!?…)]}>'\"’”»"  # can follow an address without belonging to it
# Characters to read of a text before it is shortened; a label is much shorter.
_MAX_READ = 1000


def read_label(html, tag, content_end):
    """Read the visible text of a link on one line, with URLs cut to their host.

    :param str html: the text that contains the link
    :param html_tags.Tag tag: the start tag of the link
    :param int content_end: the position where the link's content ends
    :return: the text, or "" if there is none
    :rtype: str
    """
    if tag.name == "area":
        text = _read_alt(html, tag)
    else:
        text = _read_visible_text(html, tag.end, content_end)
    return readable_text(html_tags.unescape(text))


def readable_text(text):
    """Shorten a text to one line, with URLs cut to their host.

    :param str text: plain text
    :rtype: str
    """
    return _shorten(cut_addresses_to_host(text))


def cut_addresses_to_host(text):
    """Replace the URLs in a text by their hosts.

    :param str text: plain text
    :rtype: str
    """
    if "." in text or ":" in text:
        text = _visible_address.sub(_cut_to_host, text)
    return text


def readable_address(url):
    """Return the host of a URL, for all users who see the link.

    The other parts are confidential: path, query and fragment can contain access
    tokens, and the user part a password.

    :param str url: an http(s) URL; the scheme is optional
    :rtype: str
    """
    parts = _split(url)
    return _shorten(parts.netloc.rpartition("@")[2]) if parts else ""


def readable_destination(url):
    """Return the host and path of a URL, for users who may read the link's record.

    :param str url: an http(s) URL; the scheme is optional
    :rtype: str
    """
    parts = _split(url)
    if not parts:
        return ""
    return _shorten(parts.netloc.rpartition("@")[2] + parts.path.rstrip("/"))


def _cut_to_host(match):
    address = match[0].rstrip(_PUNCTUATION)
    return readable_address(address) + match[0][len(address) :]


def _split(url):
    """Split a URL into its parts.

    :return: the parts; None if the text is not a URL
    :rtype: urllib.parse.SplitResult | None
    """
    try:
        return urlsplit(url if "//" in url[:8] else f"//{url}")
    except ValueError:
        return None


def _read_visible_text(html, start, end):
    """Read the text in a span of HTML, with the alternative texts of images. Character
    references in the text are not decoded yet.
    """
    pieces, text = [], html[start:end]
    if "<!--" in text or "alt" in text.lower():
        for tag in html_tags.find_tags(
            html, _IMAGES_AND_COMMENTS, start=start, end=end
        ):
            pieces.append(html[start : tag.start])
            if tag.name == "img":
                pieces.append(f" {_read_alt(html, tag)} ")
            start = tag.end
        text = "".join([*pieces, html[start:end]])
    if "<" in text:
        text = _any_tag.sub(" ", _inline_tag.sub("", text))
    return text


def _read_alt(html, tag):
    span = html_tags.find_attribute(html, tag, "alt")
    return html[slice(*span)] if span else ""


def _shorten(text):
    text = " ".join(text.split())
    if len(text) <= MAX_LENGTH:
        return text
    # textwrap would process the whole text.
    return textwrap.shorten(text[:_MAX_READ], MAX_LENGTH, placeholder="…")
