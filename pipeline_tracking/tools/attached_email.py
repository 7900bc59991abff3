"""Read and replace the texts of an email that is attached to another email.

A replaced text keeps its encoding. All other parts and the headers stay the same,
except for the space after header names. Nested emails are read as well, both parts
(``message/rfc822``) and files (``.eml``).

Replacing a text breaks the signature of the attached email (S/MIME, OpenPGP, DKIM).
Encrypted parts are neither read nor replaced. The same holds for emails with header
parameters of more than 16 kB, and for emails with binary parts, because Python's
generator would change the bytes.
"""

import base64
import binascii
import email
import quopri
import re
from collections import namedtuple
from contextlib import suppress
from email.errors import MissingHeaderBodySeparatorDefect
from email.generator import BytesGenerator
from email.policy import Compat32
from io import BytesIO

from . import line_folding

# A text that can be replaced. `folding`: from `line_folding.read_folding`.
Text = namedtuple("Text", "content is_html folding")

_MAX_DEPTH = 5  # nested files; each level decodes its content once more
_MAX_LINE = 998  # RFC 5322, section 2.1.1
_MAX_HEADER = 16_384  # characters of a header with parameters
# Encodings that Python's parser decodes, but `_set_data` does not write.
_UUENCODED = frozenset(("x-uuencode", "uuencode", "uue", "x-uue"))
_DECODERS = {
    "base64": base64.b64decode,
    "quoted-printable": quopri.decodestring,
}
_HTML = frozenset(("text/html", "text/xhtml", "application/xhtml+xml"))


class _HeaderTooLong(Exception):
    pass


class _Verbatim(Compat32):
    """Write headers as they were read, without folding them again."""

    def header_source_parse(self, sourcelines):
        # Python's parser of parameters takes quadratic time.
        has_parameters = sourcelines[0][:8].lower() == "content-"
        if has_parameters and sum(map(len, sourcelines)) > _MAX_HEADER:
            raise _HeaderTooLong
        return super().header_source_parse(sourcelines)

    def fold(self, name, value):
        lines = re.split(r"\r\n|\r|\n", str(value))
        return f"{name}: {self.linesep.join(lines)}{self.linesep}"

    def fold_binary(self, name, value):
        return self.fold(name, value).encode("ascii", "surrogateescape")


_VERBATIM = _Verbatim(mangle_from_=False)


def is_email_name(name):
    """Return whether a file name is the name of an email (``.eml``).

    :param str | None name:
    :rtype: bool
    """
    return bool(name) and name.strip().lower().endswith(".eml")


class AttachedEmail:
    """Read the texts of an attached email, and replace them.

    :param bytes raw: content of the attachment; it may be malformed
    :param int depth: number of ``.eml`` files that contain this email
    """

    def __init__(self, raw, depth=0):
        self._raw = raw
        self._slots = []
        try:
            self._message = email.message_from_bytes(raw, policy=_VERBATIM)
        except _HeaderTooLong:
            return
        if not any(_get_encoding(part) == "binary" for part in self._message.walk()):
            self._slots = list(_read_slots(self._message, depth))

    @property
    def texts(self):
        """Return the texts of the email in the order of its parts.

        :rtype: list[Text]
        """
        return [text for slot in self._slots for text in slot.texts]

    def replace(self, contents):
        """Return the email with new texts.

        :param list[str] contents: new content of each of `texts`
        :return: the unchanged bytes if no text differs
        :rtype: bytes
        """
        contents, changed = list(contents), False
        for slot in self._slots:
            count = len(slot.texts)
            changed |= slot.replace(contents[:count])
            del contents[:count]
        return self._as_bytes() if changed else self._raw

    def _as_bytes(self):
        first_line = self._raw.partition(b"\n")[0]
        linesep = "\r\n" if first_line[-1:] == b"\r" else "\n"
        return _to_bytes(self._message, _VERBATIM.clone(linesep=linesep))


class AttachedText:
    """Read and replace an attached text, with the interface of `AttachedEmail`.

    :param str content: HTML or plain text
    """

    def __init__(self, content):
        is_html = content[:1000].lstrip("\ufeff \t\r\n").startswith("<")
        # No header tells how lines are broken: assume the most permissive folding.
        self.texts = [Text(content, is_html, None if is_html else line_folding.DELSP)]

    def replace(self, contents):
        """Return the new text.

        :param list[str] contents: list of the new text only
        :rtype: str
        """
        [content] = contents
        return content


class _TextSlot:
    """Read and replace the text of a part."""

    def __init__(self, part):
        self._part = part
        data = part.get_payload(decode=True) or b""
        content, self._charset = _decode(data, part.get_content_charset())
        is_html = part.get_content_type() in _HTML
        self.texts = [Text(content, is_html, line_folding.read_folding(part))]

    def replace(self, contents):
        """Write the new text into the part.

        :param list[str] contents: list of the new text only
        :return: whether the text differs
        :rtype: bool
        """
        if contents[0] == self.texts[0].content:
            return False
        data = contents[0].encode(self._charset, "xmlcharrefreplace")
        _set_data(self._part, data, was_ascii=self.texts[0].content.isascii())
        return True


class _FileSlot:
    """Read and replace the texts of an email in a part that is a file."""

    def __init__(self, part, raw, depth):
        self._part = part
        self._raw = raw
        self._email = AttachedEmail(raw, depth + 1)
        self.texts = self._email.texts

    def replace(self, contents):
        """Write the new texts into the part.

        :param list[str] contents: new content of each of `texts`
        :return: whether any text differs
        :rtype: bool
        """
        raw = self._email.replace(contents)
        if raw == self._raw:
            return False
        _set_data(self._part, raw)
        return True


def _read_slots(message, depth):
    """Find the texts and files of an email that can be replaced.

    :rtype: Iterator[_TextSlot | _FileSlot]
    """
    parts = [message]
    while parts:
        part = parts.pop()
        raw = _read_file(part)
        if raw:
            if depth < _MAX_DEPTH:
                yield _FileSlot(part, raw, depth)
        elif part.is_multipart():
            parts += reversed(part.get_payload())
        # Python's parser reads a multipart without a boundary as a text.
        elif part.get_content_maintype() in ("text", "multipart", "message"):
            yield _TextSlot(part)


def _read_file(part):
    """Return the email file in a part, or None.

    :rtype: bytes | None
    """
    if part.get_content_type() != "message/rfc822":
        is_file = not part.is_multipart() and is_email_name(part.get_filename())
        return part.get_payload(decode=True) if is_file else None
    # RFC 2046, section 5.2.1, does not allow encoding this part. Python's parser
    # therefore reads the encoded lines as the email's text.
    decode = _DECODERS.get(_get_encoding(part))
    if not decode or not part.is_multipart():
        return None
    content = part.get_payload(0)
    encoded = _to_bytes(content, _VERBATIM)
    if any(
        isinstance(defect, MissingHeaderBodySeparatorDefect)
        for defect in content.defects
    ):
        # The generator added an empty line after lines that looked like headers.
        encoded = encoded.replace(b"\n\n", b"\n", 1)
    try:
        return decode(encoded)
    except binascii.Error:
        return None


def _to_bytes(message, policy):
    output = BytesIO()
    BytesGenerator(output, policy=policy).flatten(message)
    return output.getvalue()


def _get_encoding(part):
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower()


def _decode(data, charset):
    """Decode bytes so that encoding the text gives the same bytes.

    :return: the text, and the charset
    :rtype: tuple[str, str]
    """
    for name in (charset or "utf-8", "utf-8"):
        # The charset may be unknown or wrong.
        with suppress(LookupError, ValueError):
            text = data.decode(name)
            if text.encode(name) == data:
                return text, name
    return data.decode("latin-1"), "latin-1"


def _set_data(part, data, *, was_ascii=True):
    """Write new content into a part, in the previous encoding if possible."""
    encoding = _get_encoding(part)
    if encoding not in _DECODERS:
        is_new = was_ascii and not data.isascii() and encoding != "8bit"
        is_new |= encoding in _UUENCODED
        if is_new or any(len(line) > _MAX_LINE for line in data.splitlines()):
            encoding = "quoted-printable"
            del part["Content-Transfer-Encoding"]
            part["Content-Transfer-Encoding"] = encoding
    if encoding == "base64":
        text = base64.encodebytes(data).decode("ascii")
    elif encoding == "quoted-printable":
        text = quopri.encodestring(data).decode("ascii")
    else:
        text = data.decode("ascii", "surrogateescape")
    part.set_payload(text)
