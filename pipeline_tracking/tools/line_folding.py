"""Remove the line breaks that email clients insert into long URLs.

In ``text/plain; format=flowed`` (RFC 3676), a line that continues ends with a space.
With ``DelSp=yes`` the space is not part of the text, so that words can be broken. Apple
Mail breaks URLs this way. Without ``DelSp``, some clients break URLs after "-" or "/".
"""

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate

FLOWED = "flowed"
DELSP = "delsp"

# Quote marks, or the stuffed space of RFC 3676.
_MARGIN = r"(?:(?:(?:&gt;|>) ?)+| )?"
# A line that begins with a URL is not joined to the line before, except if the URL is
# percent-encoded: then it is part of another URL.
_LINE_START = rf"\r?\n{_MARGIN}(?!https?:(?!(?: ?\r?\n{_MARGIN})?%))"
_breaks = {
    FLOWED: re.compile(rf"(?<=[-/]) ?{_LINE_START}", re.IGNORECASE),
    DELSP: re.compile(rf" {_LINE_START}|(?<=[-/]){_LINE_START}", re.IGNORECASE),
}


def read_folding(message):
    """Return how email clients break the lines of an email's plain text.

    :param email.message.Message message: an email, or a part of an email
    :return: ``FLOWED``, ``DELSP``, or None
    :rtype: str | None
    """
    folding = None
    for part in message.walk():
        if part.get_content_type() != "text/plain":
            continue
        if _read_parameter(part, "format") == "flowed":
            if _read_parameter(part, "delsp") == "yes":
                return DELSP
            folding = FLOWED
    return folding


def _read_parameter(part, name):
    value = part.get_param(name, "")
    return value.strip().lower() if isinstance(value, str) else ""


class UnfoldedText:
    """Join the broken lines of a text, and map positions back to the original text.

    :param str text: content of a part of an email; it may be HTML-escaped
    :param str folding: ``FLOWED`` or ``DELSP``
    :ivar str text: the text without the breaks
    :ivar list[int] breaks: the positions of the breaks in ``self.text``
    """

    def __init__(self, text, folding):
        pieces, lengths, position = [], [], 0
        for line_break in _breaks[folding].finditer(text):
            pieces.append(text[position : line_break.start()])
            lengths.append(line_break.end() - line_break.start())
            position = line_break.end()
        self.breaks = list(accumulate(map(len, pieces)))
        self._removed_lengths = [0, *accumulate(lengths)]
        self.text = "".join([*pieces, text[position:]])

    def breaks_within(self, start, end):
        """Return the positions of the breaks inside a span of ``self.text``.

        :rtype: list[int]
        """
        first = bisect_right(self.breaks, start)
        return self.breaks[first : bisect_left(self.breaks, end)]

    def original_start(self, position):
        """Return the position in the original text of the character at a position."""
        return position + self._removed_lengths[bisect_right(self.breaks, position)]

    def original_end(self, position):
        """Return the end in the original text of the character before a position."""
        return position + self._removed_lengths[bisect_left(self.breaks, position)]
