"""Find the parts of an email's HTML that quote another email.

Links in a quote are not tracked, because another author wrote them. Email clients mark
quotes in these ways:

- Odoo: ``blockquote``, ``.o_mail_reply_container``, ``.o_mail_reply_content``, and
  ``data-o-mail-quote``, which its sanitizer sets (`odoo.tools.mail.tag_quote`)
- Gmail: ``.gmail_quote``, ``.gmail_quote_container``, ``.gmail_extra``
- Outlook: ``#divRplyFwdMsg``, ``#appendonsend``, ``.OutlookMessageHeader``,
  ``#mail-editor-reference-message-container``, ``hr#stopSpelling``, and a block with a
  line above it, in one of two colors
- Apple Mail: ``blockquote[type=cite]``, ``.AppleOriginalContents``
- Thunderbird: ``.moz-cite-prefix``, ``.moz-forward-container``
- Yahoo: ``.yahoo_quoted``; Proton Mail: ``.protonmail_quote``
- most email clients: a line such as "-----Original Message-----"

The module builds no tree, as in `html_tags`.
"""

import re
from bisect import bisect_right

from . import html_tags

# Elements that email clients and Odoo's sanitizer mark. Void elements contain no links.
_TAGS = frozenset(
    "a article aside b blockquote center code dd div dl dt em figure font footer h1 h2"
    " h3 h4 h5 h6 header hr i li main ol p pre s section small span strong table tbody"
    " td tfoot th thead tr u ul".split()
)
_ATTRIBUTE = "data-o-mail-quote"

# Classes of elements that are quotes.
_ELEMENT_CLASSES = frozenset(
    (
        "o_mail_reply_container",
        "o_mail_reply_content",
        "gmail_quote",
        "gmail_quote_container",
        "gmail_extra",
        "appleoriginalcontents",
        "moz-cite-prefix",
        "moz-forward-container",
        "protonmail_quote",
    )
)
# Classes and ids of elements that begin a quote up to the end of the email.
_REST_CLASSES = frozenset(("outlookmessageheader", "yahoo_quoted", "stopspelling"))
_REST_IDS = (
    "divrplyfwdmsg",
    "appendonsend",
    "mail-editor-reference-message-container",
    "stopspelling",
    "yahoo_quoted",
)
# The line above a quote, as Outlook writes it and as browsers serialize it.
_OUTLOOK_LINE = re.compile(
    r"border-top:\s*(?:solid\s+#(?:e1e1e1|b5c4df)\s+[0-9.]+pt"
    r"|[0-9.]+pt\s+solid\s+rgb\((?:225,\s*225,\s*225|181,\s*196,\s*223)\))",
    re.IGNORECASE,
)
# "From:" in any language. Without this label, the author drew the line.
_outlook_label = re.compile(r"(?:\s|&nbsp;|<[^<>]{0,500}>){0,20}[^<>:\n]{1,40}:")
SIGNATURE_CLASSES = frozenset(
    (
        "o-signature-container",
        "o_signature",
        "odoo_signature_wrapper",
        "gmail_signature",
        "moz-signature",
    )
)
_QUOTE, _REST, _SIGNATURE = "quote", "rest", "signature"  # meanings of a tag
_marks = re.compile(
    r"data-o-mail-quote|o_mail_reply_|gmail_|AppleOriginalContents|moz-(?:cite|forward)"
    r"|protonmail_quote|OutlookMessageHeader|yahoo_quoted|stopSpelling|divRplyFwdMsg"
    r"|appendonsend|mail-editor-reference|border-top:",
    re.IGNORECASE,
)
# The attributes of a tag are read only if the tag matches this pattern.
_tag_marks = re.compile(rf"{_marks.pattern}|signature", re.IGNORECASE)

# A separator is a whole line with dashes: the words alone can be part of a sentence.
_SPACE = r"(?:\s|&nbsp;)"
_WORDS = "|".join(
    words.replace(" ", f"{_SPACE}+").replace("~", f"{_SPACE}*")
    for words in (
        # English, German, French
        r"(?:original|forwarded|reply) message|original (?:e-?mail|appointment)",
        r"forwarded (?:e-?mail|by [^<>\n-]{1,80})",
        r"(?:urspr(?:ü|&uuml;|ue)ngliche|weitergeleitete)~(?:nachricht|e-?mail)",
        r"original-?nachricht",
        r"message d(?:['’]|&#39;|&rsquo;)~origine|message (?:original|initial)",
        r"message (?:r[ée]exp[ée]di[ée]|transf(?:[ée]|&eacute;)r(?:[ée]|&eacute;))",
        # Spanish, Italian, Dutch, Portuguese
        r"mensaje (?:original|reenviado)",
        r"messaggio (?:originale|inoltrato)",
        r"(?:oorspronkelijk|doorgestuurd|origineel) bericht",
        r"mensagem (?:original|encaminhada|reencaminhada)",
        # Odoo's other translations of "Forwarded message"
        "رسالة معاد توجيهها",
        "přeposlaná zpráva|mesaj redirecționat|posredovano sporočilo",
        "viesti, joka lähetettiin eteenpäin|pārsūtīts ziņojums|przekazana wiadomość",
        "пересланное сообщение|İletilen mesaj|yo‘naltirilgan xabar",
        "nội dung được chuyển tiếp",
        "転送メッセージ|转发消息|轉寄訊息",
    )
)
_separator = re.compile(
    rf"(?<![-–—_])[-–—_]{{4,80}}{_SPACE}{{0,9}}(?:{_WORDS}){_SPACE}{{0,9}}"
    r"[-–—_]{4,80}(?=\s|&nbsp;|<|\Z)",
    re.IGNORECASE,
)
# The text before a separator, on its line.
_line_start = re.compile(r"(?:\A|[>\n\r])(?:[ \t\u00a0]|&nbsp;|&gt;)*\Z")
_LINE_START_LENGTH = 100

# Odoo marks signatures, and the text after them, in the same way as quotes. Odoo marks
# a whole element if one of its lines is "--".
_signature = re.compile(
    r"(?:(?:\s|&nbsp;|<(?:br|p|div|span|font|b)(?=[\s/>])[^<>]{0,500}>){0,30}"
    r"|[^<>]{0,2000}\n)"
    r"--(?=\s|&nbsp;|<)",
    re.IGNORECASE,
)
_any_sign_of_quote = re.compile(rf"blockquote|{_marks.pattern}|{_WORDS}", re.IGNORECASE)


class Quotes:
    """Find the quotes in a part of an email's HTML.

    :param str html: a document or a fragment; it may be malformed
    :param int start: the position where the part begins
    :param int | None end: the position where the part ends
    :ivar list[tuple[int, int]] spans: start and end of each outermost quote, in order
    """

    def __init__(self, html, start=0, end=None):
        end = len(html) if end is None else end
        self.spans = []
        if _any_sign_of_quote.search(html, start, end):
            self.spans = list(_find_spans(html, start, end))
        self._starts = [span[0] for span in self.spans]

    def contains(self, position):
        """Return whether the text at a position is quoted.

        :param int position:
        :rtype: bool
        """
        index = bisect_right(self._starts, position) - 1
        return index >= 0 and position < self.spans[index][1]


def _find_spans(html, start, end):
    """Find the outermost quotes, in order.

    :return: start and end of each quote
    :rtype: Iterator[tuple[int, int]]
    """
    separators = _find_separators(html, start, end)
    separator = next(separators, end)
    # The tag that opened a quote, and the number of open tags with the same name.
    quote, depth = None, 0
    has_signature = False
    for tag in html_tags.find_tags(html, _TAGS, start=start, end=end):
        while separator < tag.end:
            if not quote and separator < tag.start:
                yield separator, end
                return
            separator = next(separators, end)
        if quote:
            if tag.name == quote.name:
                depth += -1 if tag.closing else 1
                if not depth:
                    yield quote.start, tag.end
                    quote = None
            continue
        if tag.closing or tag.name == html_tags.SWALLOWED:
            continue
        meaning = _read_meaning(html, tag, has_signature)
        if meaning == _REST:
            yield tag.start, end
            return
        if meaning == _QUOTE and tag.name != "hr":
            quote, depth = tag, 1
        has_signature |= meaning == _SIGNATURE
    if quote:
        yield quote.start, end
    elif separator < end:
        yield separator, end


def _read_meaning(html, tag, has_signature):
    """Return the meaning of an opening tag.

    :param bool has_signature: whether a signature precedes the tag. Odoo's sanitizer
        marks all text after a signature, so that the mark does not prove a quote.
    :return: `_QUOTE`, `_REST`, `_SIGNATURE`, or None
    """
    if not _tag_marks.search(html, tag.attributes, tag.end):
        return _QUOTE if tag.name == "blockquote" else None
    values = {}
    for name, span in html_tags.read_attributes(html, tag):
        values.setdefault(name, html[slice(*span)])
    classes = set(values.get("class", "").lower().split())
    element_id = values.get("id", "").lower()
    is_rest = (
        not _REST_CLASSES.isdisjoint(classes)
        or any(mark in element_id for mark in _REST_IDS)
        or (
            _OUTLOOK_LINE.search(values.get("style", ""))
            and _outlook_label.match(html, tag.end)
        )
    )
    if is_rest:
        return _REST
    if tag.name == "blockquote" or not _ELEMENT_CLASSES.isdisjoint(classes):
        return _QUOTE
    if element_id == "signature" or not SIGNATURE_CLASSES.isdisjoint(classes):
        return _SIGNATURE
    if not values.get(_ATTRIBUTE):
        return None
    if _signature.match(html, tag.end):
        return _SIGNATURE
    return None if has_signature else _QUOTE


def _find_separators(html, start, end):
    """Find the lines that separate an email from a quoted email below.

    :return: positions of the lines, in order
    :rtype: Iterator[int]
    """
    for match in _separator.finditer(html, start, end):
        position = match.start()
        before = html[max(start, position - _LINE_START_LENGTH) : position]
        if position == start or _line_start.search(before):
            yield position
