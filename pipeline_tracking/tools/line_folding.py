"""Takes out the line breaks that mail clients put into long URLs.

``text/plain; format=flowed`` (RFC 3676) ends a line that goes on with a space. With
``DelSp=yes`` that space is no part of the text, so that a word can be broken: Apple
Mail breaks URLs so. Without it some clients break after "-" or "/" all the same.
"""

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate

FLOWED = "flowed"
DELSP = "delsp"

# At the start of a line: how deep it is quoted, and the space that RFC 3676 stuffs.
_LINE_START = r"\r?\n(?:(?:(?:&gt;|>) ?)+| )?(?!https?:)"
_breaks = {
    FLOWED: re.compile(rf"(?<=[-/]) ?{_LINE_START}", re.IGNORECASE),
    DELSP: re.compile(rf" {_LINE_START}|(?<=[-/]){_LINE_START}", re.IGNORECASE),
}


def read_folding(message):
    """How the lines of an email's plain text can be broken.

    :param email.message.Message message: or one of its parts
    :return: ``FLOWED``, ``DELSP``, or None
    :rtype: str | None
    """
    folding = None
    for part in message.walk():
        if part.get_content_type() != "text/plain":
            continue
        if _parameter(part, "format") == "flowed":
            if _parameter(part, "delsp") == "yes":
                return DELSP
            folding = FLOWED
    return folding


def _parameter(part, name):
    value = part.get_param(name, "")
    return value.strip().lower() if isinstance(value, str) else ""


class UnfoldedText:
    """A text without its line breaks, and where they were.

    :param str text: the content of an email's part, HTML-escaped or not
    :param str folding: ``FLOWED`` or ``DELSP``
    :ivar str text: in one line where it is broken
    :ivar list[int] breaks: where in this they were
    """

    def __init__(self, text, folding):
        pieces, lengths, position = [], [], 0
        for found in _breaks[folding].finditer(text):
            pieces.append(text[position : found.start()])
            lengths.append(found.end() - found.start())
            position = found.end()
        self.breaks = list(accumulate(map(len, pieces)))
        self._removed = [0, *accumulate(lengths)]
        self.text = "".join([*pieces, text[position:]])

    def breaks_within(self, start, end):
        """The breaks between the characters from one place to another.

        :rtype: list[int]
        """
        first = bisect_right(self.breaks, start)
        return self.breaks[first : bisect_left(self.breaks, end)]

    def original_start(self, position):
        """Return where the character at a position was."""
        return position + self._removed[bisect_right(self.breaks, position)]

    def original_end(self, position):
        """Return where the character before a position ended."""
        return position + self._removed[bisect_left(self.breaks, position)]
