"""Read the first words that the author of an email wrote, as a name of the email."""

import lxml.html

from .link_labels import cut_addresses_to_host
from .quoted_emails import SIGNATURE_CLASSES, Quotes

MAX_LENGTH = 60  # characters
# Characters of HTML to read. The first words stand at its beginning.
_MAX_READ = 20_000
_ELLIPSIS = "…"
# These tags do not separate words: "P<b>rice</b>" reads "Price".
_INLINE_TAGS = frozenset(
    "a abbr b code em font i mark s small span strong sub sup u".split()
)
_HIDDEN_TAGS = frozenset("head script style template title".split())


def read_first_words(html, max_length=MAX_LENGTH):
    """Return the first words of an email as plain text on one line.

    Quoted emails and signatures are left out, and URLs are cut to their host: the rest
    of a URL can contain a secret.

    :param str html: a document or a fragment; it may be malformed
    :param int max_length: characters
    :return: the words; a text that is cut ends with "…". "" if the author wrote no text
    :rtype: str
    """
    html = html[:_MAX_READ]
    pieces, start = [], 0
    for quote_start, quote_end in Quotes(html).spans:
        pieces.append(html[start:quote_start])
        start = quote_end
    html = "".join([*pieces, html[start:]])
    if not html.strip():
        return ""
    return shorten(cut_addresses_to_host(_read_text(html)), max_length)


def shorten(text, max_length=MAX_LENGTH):
    """Shorten a text to one line, if possible between words.

    :param str text: plain text
    :param int max_length: characters
    :rtype: str
    """
    text = " ".join(text.split())
    if len(text) <= max_length:
        return text
    beginning = text[:max_length]
    # One long word, as in Chinese, is cut.
    return (beginning.rpartition(" ")[0] or beginning[:-1]) + _ELLIPSIS


def _read_text(html):
    """Read the visible text, with spaces between blocks and without signatures."""
    root = lxml.html.fromstring(f"<div>{html}</div>")
    for element in [*root.iter()]:
        if not isinstance(element.tag, str):  # a comment
            element.text = ""
        elif element.tag in _HIDDEN_TAGS or _is_signature(element):
            element.drop_tree()
        elif element.tag not in _INLINE_TAGS:
            element.text = f" {element.text or ''}"
            element.tail = f" {element.tail or ''}"
    return root.text_content()


def _is_signature(element):
    classes = element.get("class", "").lower().split()
    return not SIGNATURE_CLASSES.isdisjoint(classes)
