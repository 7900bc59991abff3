"""What people read of a link."""

import re
import textwrap
from urllib.parse import urlsplit

from . import html_tags

MAX_LENGTH = 80  # characters

# Tags do not part words where they are these: "P<b>rice</b>" reads "Price".
_inline_tag = re.compile(
    r"</?(?:a|b|em|font|i|s|small|span|strong|sub|sup|u)(?=[ \t\n\f\r/>])[^<>]*>",
    re.IGNORECASE,
)
_any_tag = re.compile(r"<[^<>]*>")
_TOLD_APART = frozenset(("img", html_tags.COMMENT))
# With a scheme, as www.…, or a host and a path: "acme.com/prices", not "report.pdf".
_visible_address = re.compile(
    r"\b(?:(?:https?|ftp)://|www\.)\S+"
    r"|(?<![\w./-])(?:[\w-]+\.)+[a-z]{2,}(?::[0-9]+)?[/?#]\S+",
    re.IGNORECASE,
)
_PUNCTUATION = ".,;:!?…)]}>'\"’”»"  # after an address, not of it
# Characters that are read to shorten a text: more than a label has room for.
_MAX_READ = 1000


def read_label(html, tag, content_end):
    """A link's visible text, on one line; of addresses in it, the host only.

    :param str html: that the link is in
    :param html_tags.Tag tag: that opens it
    :param int content_end: where its content ends
    :return: "" where nothing is to be read
    :rtype: str
    """
    if tag.name == "area":
        text = _alt(html, tag)
    else:
        text = _visible_text(html, tag.end, content_end)
    return readable_text(html_tags.unescape(text))


def readable_text(text):
    """A text on one line, shortened; of addresses in it, the host only.

    :param str text: no HTML
    :rtype: str
    """
    if "." in text or ":" in text:
        text = _visible_address.sub(_leave_host, text)
    return _shorten(text)


def readable_address(url):
    """The host of a URL: what everyone may be shown of it who is shown the link.

    Its path, query and fragment can hold access tokens, the user part a password.

    :param str url: an http(s) URL, or one that people write without its scheme
    :rtype: str
    """
    parts = _split(url)
    return _shorten(parts.netloc.rpartition("@")[2]) if parts else ""


def readable_destination(url):
    """Host and path of a URL: for who may read the link itself.

    :param str url: as above
    :rtype: str
    """
    parts = _split(url)
    if not parts:
        return ""
    return _shorten(parts.netloc.rpartition("@")[2] + parts.path.rstrip("/"))


def _leave_host(found):
    address = found[0].rstrip(_PUNCTUATION)
    return readable_address(address) + found[0][len(address) :]


def _split(url):
    """
    :return: None where it is no address
    :rtype: urllib.parse.SplitResult | None
    """
    try:
        return urlsplit(url if "//" in url[:8] else f"//{url}")
    except ValueError:
        return None


def _visible_text(html, start, end):
    """The text between two places, and what stands for its images; not yet decoded."""
    pieces, text = [], html[start:end]
    if "<!--" in text or "alt" in text.lower():
        for tag in html_tags.find_tags(html, _TOLD_APART, start=start, end=end):
            pieces.append(html[start : tag.start])
            if tag.name == "img":
                pieces.append(f" {_alt(html, tag)} ")
            start = tag.end
        text = "".join([*pieces, html[start:end]])
    if "<" in text:
        text = _any_tag.sub(" ", _inline_tag.sub("", text))
    return text


def _alt(html, tag):
    span = html_tags.find_attribute(html, tag, "alt")
    return html[slice(*span)] if span else ""


def _shorten(text):
    text = " ".join(text.split())
    if len(text) <= MAX_LENGTH:
        return text
    # textwrap reads all of it.
    return textwrap.shorten(text[:_MAX_READ], MAX_LENGTH, placeholder="…")
