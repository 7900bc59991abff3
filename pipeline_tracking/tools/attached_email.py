"""Reads the texts of an email that is attached to another, and replaces them.

What is replaced is encoded as it was; every other part stays, as do the headers. Emails
within are read as well, whether they are parts (``message/rfc822``) or files
(``.eml``). A signature of the attached email (S/MIME, OpenPGP, DKIM) is not valid any
more where a text was replaced. What is encrypted cannot be read, and stays.
"""

import base64
import binascii
import email
import quopri
from collections import namedtuple
from email.generator import BytesGenerator
from email.policy import compat32
from io import BytesIO

from . import folding

# A text that can be replaced. `fold`: as `folding.read_folding` has it.
Text = namedtuple("Text", "content is_html fold")

_MAX_DEPTH = 5  # of files within files: each is decoded once more
_MAX_LINE = 998  # RFC 5322, section 2.1.1
_HTML = frozenset(("text/html", "text/xhtml", "application/xhtml+xml"))


def is_email_name(name):
    """Whether a file is an email by its name.

    :param str | None name:
    :rtype: bool
    """
    return bool(name) and name.strip().lower().endswith(".eml")


class AttachedEmail:
    """An email, read once.

    :param bytes raw: as it is attached, however malformed
    :param int depth: how many emails as files it is in
    """

    def __init__(self, raw, depth=0):
        self._raw = raw
        self._message = email.message_from_bytes(raw, policy=compat32)
        self._slots = []
        for part in self._message.walk():
            slot = _read_slot(part, depth)
            if slot:
                self._slots.append(slot)

    @property
    def texts(self):
        """
        :rtype: list[Text]
        """
        return [text for slot in self._slots for text in slot.texts]

    def replace(self, contents):
        """The same email with other texts.

        :param list[str] contents: for each of `texts`
        :return: the same bytes where nothing differs
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
        policy = compat32.clone(linesep="\r\n" if first_line[-1:] == b"\r" else "\n")
        output = BytesIO()
        # Without a length, headers are not folded anew.
        generator = BytesGenerator(
            output, mangle_from_=False, maxheaderlen=0, policy=policy
        )
        generator.flatten(self._message)
        return output.getvalue()


class _TextSlot:
    """A part of text."""

    def __init__(self, part):
        self._part = part
        data = part.get_payload(decode=True) or b""
        content, self._charset = _decode(data, part.get_content_charset())
        is_html = part.get_content_type() in _HTML
        self.texts = [Text(content, is_html, folding.read_folding(part))]

    def replace(self, contents):
        """
        :return: whether anything differs
        :rtype: bool
        """
        if contents[0] == self.texts[0].content:
            return False
        _set_data(self._part, contents[0].encode(self._charset, "xmlcharrefreplace"))
        return True


class _FileSlot:
    """A part that is an email as a file."""

    def __init__(self, part, raw, depth):
        self._part = part
        self._raw = raw
        self._email = AttachedEmail(raw, depth + 1)
        self.texts = self._email.texts

    def replace(self, contents):
        raw = self._email.replace(contents)
        if raw == self._raw:
            return False
        _set_data(self._part, raw)
        return True


def _read_slot(part, depth):
    """What can be replaced in a part; None where nothing can.

    :rtype: _TextSlot | _FileSlot | None
    """
    if part.get_content_type() == "message/rfc822":
        raw = _read_encoded_email(part)
        return _FileSlot(part, raw, depth) if raw and depth < _MAX_DEPTH else None
    if part.is_multipart():
        return None
    if is_email_name(part.get_filename()):
        raw = part.get_payload(decode=True)
        return _FileSlot(part, raw, depth) if raw and depth < _MAX_DEPTH else None
    # Where its boundary is missing, what should have parts is a text.
    is_text = part.get_content_maintype() in ("text", "multipart", "message")
    return _TextSlot(part) if is_text else None


def _read_encoded_email(part):
    """An email that is encoded as a whole. RFC 2046, section 5.2.1, does not allow it,
    and so Python's parser takes the encoded lines for its text.

    :rtype: bytes | None
    """
    encoding = _encoding_of(part)
    if encoding not in ("base64", "quoted-printable") or not part.is_multipart():
        return None
    encoded = part.get_payload(0).as_bytes(policy=compat32)
    if encoding == "quoted-printable":
        return quopri.decodestring(encoded)
    try:
        return base64.b64decode(encoded)
    except binascii.Error:
        return None


def _encoding_of(part):
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower()


def _decode(data, charset):
    """Text whose bytes are the same again when it is encoded.

    :return: it, and the charset
    :rtype: tuple[str, str]
    """
    for name in (charset, "utf-8"):
        try:
            text = data.decode(name or "utf-8")
            if text.encode(name or "utf-8") == data:
                return text, name or "utf-8"
        except (LookupError, UnicodeError):
            pass  # an unknown charset, or another one than it says
    return data.decode("latin-1"), "latin-1"


def _set_data(part, data):
    """Have other content in a part, encoded as before if that is possible."""
    encoding = _encoding_of(part)
    is_plain = encoding not in ("base64", "quoted-printable")
    if is_plain and _has_to_be_encoded(data, encoding):
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


def _has_to_be_encoded(data, encoding):
    return (encoding not in ("8bit", "binary") and not data.isascii()) or any(
        len(line) > _MAX_LINE for line in data.splitlines()
    )
