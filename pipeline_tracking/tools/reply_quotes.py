"""Finds the parts of an email's HTML that quote another email.

Links in a quote are somebody else's. Mail clients mark quotes in these ways:

- Odoo: ``blockquote``, ``.o_mail_reply_container``, ``.o_mail_reply_content``, and
  ``data-o-mail-quote``, which its sanitizer sets (`odoo.tools.mail.tag_quote`)
- Gmail: ``.gmail_quote``, ``.gmail_quote_container``, ``.gmail_extra``
- Outlook: ``#divRplyFwdMsg``, ``#appendonsend``, ``.OutlookMessageHeader``,
  ``#mail-editor-reference-message-container``, ``hr#stopSpelling``, and a block with a
  line above it, in one of two colors
- Apple Mail: ``blockquote[type=cite]``, ``.AppleOriginalContents``
- Thunderbird: ``.moz-cite-prefix``, ``.moz-forward-container``
- Yahoo: ``.yahoo_quoted``; Proton Mail: ``.protonmail_quote``
- most of them: a line such as "-----Original Message-----"

Works on the text itself, as `markup` does.
"""

import re
from bisect import bisect_right

from . import html_tags

# The elements that mail clients and Odoo's sanitizer mark. Void elements hold no links.
_TAGS = frozenset(
    "a article aside b blockquote center code dd div dl dt em figure font footer h1 h2"
    " h3 h4 h5 h6 header hr i li main ol p pre s section small span strong table tbody"
    " td tfoot th thead tr u ul".split()
)
_ATTRIBUTE = "data-o-mail-quote"

# The element is a quote; what follows it is not.
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
# The element begins a quote that goes on to the end.
_REST_CLASSES = frozenset(("outlookmessageheader", "yahoo_quoted", "stopspelling"))
_REST_IDS = (
    "divrplyfwdmsg",
    "appendonsend",
    "mail-editor-reference-message-container",
    "stopspelling",
    "yahoo_quoted",
)
# As Outlook writes it, and as a browser writes it again.
_OUTLOOK_LINE = re.compile(
    r"border-top:\s*(?:solid\s+#(?:e1e1e1|b5c4df)\s+[0-9.]+pt"
    r"|[0-9.]+pt\s+solid\s+rgb\((?:225,\s*225,\s*225|181,\s*196,\s*223)\))",
    re.IGNORECASE,
)
# "From:", in any language. Without it, the line is one of the author's.
_outlook_label = re.compile(r"(?:\s|&nbsp;|<[^<>]{0,500}>){0,20}[^<>:\n]{1,40}:")
_SIGNATURE_CLASSES = frozenset(
    (
        "o-signature-container",
        "o_signature",
        "odoo_signature_wrapper",
        "gmail_signature",
        "moz-signature",
    )
)
_QUOTE, _REST, _SIGNATURE = "quote", "rest", "signature"  # what a tag marks
_marks = re.compile(
    r"data-o-mail-quote|o_mail_reply_|gmail_|AppleOriginalContents|moz-(?:cite|forward)"
    r"|protonmail_quote|OutlookMessageHeader|yahoo_quoted|stopSpelling|divRplyFwdMsg"
    r"|appendonsend|mail-editor-reference|border-top:",
    re.IGNORECASE,
)
# Only tags in which this matches are read.
_tag_marks = re.compile(rf"{_marks.pattern}|signature", re.IGNORECASE)

# A line by itself. The words alone are prose.
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

# Odoo marks a signature and what follows it as it marks quotes: the whole element where
# a line of it is "--".
_signature = re.compile(
    r"(?:(?:\s|&nbsp;|<(?:br|p|div|span|font|b)(?=[\s/>])[^<>]{0,500}>){0,30}"
    r"|[^<>]{0,2000}\n)"
    r"--(?=\s|&nbsp;|<)",
    re.IGNORECASE,
)
_any = re.compile(rf"blockquote|{_marks.pattern}|{_WORDS}", re.IGNORECASE)


class Quotes:
    """The quotes in a part of an email's HTML.

    :param str html: a document or a fragment, however malformed
    :param int start: where the part begins
    :param int end: where it ends
    """

    def __init__(self, html, start=0, end=None):
        end = len(html) if end is None else end
        self.spans = []
        if _any.search(html, start, end):
            self.spans = list(_find_spans(html, start, end))
        self._starts = [span[0] for span in self.spans]

    def hold(self, position):
        """Whether what stands at a position is quoted.

        :param int position:
        :rtype: bool
        """
        index = bisect_right(self._starts, position) - 1
        return index >= 0 and position < self.spans[index][1]


def _find_spans(html, start, end):
    """Find the outermost quotes, in order.

    :return: start and end of each
    :rtype: Iterator[tuple[int, int]]
    """
    separators = _find_separators(html, start, end)
    separator = next(separators, end)
    quote, depth = None, 0  # the open quote's tag, and how many of its name are open
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
        kind = _read_kind(html, tag, has_signature)
        if kind == _REST:
            yield tag.start, end
            return
        if kind == _QUOTE and tag.name != "hr":
            quote, depth = tag, 1
        has_signature |= kind == _SIGNATURE
    if quote:
        yield quote.start, end
    elif separator < end:
        yield separator, end


def _read_kind(html, tag, has_signature):
    """Read what an opening tag marks.

    :param bool has_signature: whether a signature came before it: Odoo's sanitizer
        marks all that follows one, so that its mark says nothing any more
    :return: one of the kinds, or None
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
    if element_id == "signature" or not _SIGNATURE_CLASSES.isdisjoint(classes):
        return _SIGNATURE
    if not values.get(_ATTRIBUTE):
        return None
    if _signature.match(html, tag.end):
        return _SIGNATURE
    return None if has_signature else _QUOTE


def _find_separators(html, start, end):
    """Find the lines that say that another email follows.

    :rtype: Iterator[int]
    """
    for found in _separator.finditer(html, start, end):
        line = html[max(start, found.start() - _LINE_START_LENGTH) : found.start()]
        if found.start() == start or _line_start.search(line):
            yield found.start()
