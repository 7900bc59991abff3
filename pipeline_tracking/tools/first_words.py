"""Read the first words of an email, to tell emails with the same subject apart."""

from . import html_tags, link_labels, quoted_emails

MAX_LENGTH = 60  # characters
_MAX_READ = 10_000  # characters of HTML


def read_first_words(html):
    """Return the first words of an email's text, without emails that the email quotes.

    :param str html: the body of a message, as Odoo's sanitizer returns it
    :return: at most `MAX_LENGTH` characters on one line; "" if there is no text
    :rtype: str
    """
    html = str(html)[:_MAX_READ]
    pieces, start = [], 0
    for quote_start, quote_end in quoted_emails.Quotes(html).spans:
        pieces.append(html[start:quote_start])
        start = quote_end
    own_html = " ".join([*pieces, html[start:]])
    # The end can be in the middle of a tag.
    if own_html.rfind("<") > own_html.rfind(">"):
        own_html = own_html[: own_html.rfind("<")]
    text = link_labels.read_visible_text(own_html, 0, len(own_html))
    return _cut(" ".join(html_tags.unescape(text).split()))


def _cut(text):
    """Cut a text after a word; in the middle of a word if that is much shorter, because
    some languages have no spaces.
    """
    if len(text) <= MAX_LENGTH:
        return text
    text = text[: MAX_LENGTH - 1]
    words = text.rpartition(" ")[0]
    return (words if len(words) > MAX_LENGTH // 2 else text).rstrip(" ,;:–-") + "…"
