"""Sign and verify the token in a tracked URL, which names the email and the link.

Layout of a token, before base64url without padding (RFC 4648, section 5)::

    1 byte     version (high four bits), database flag, kind (low three bits)
    varint     key id, so that links in old emails work after a key rotation
    varint     trackable email id
    4 bytes    the trackable email's nonce
    varint     trackable link id         (kind "link" only)
    4 bytes    the trackable link's nonce (kind "link" only)
    n bytes    database name, UTF-8      (only if the host does not identify it)
    12 bytes   HMAC-SHA256 over all of the above, truncated

The kind is signed, so that the token of an image is not valid for a link. The nonces
are random, because a database that was restored from a backup assigns the same ids
again to other emails.
"""

import base64
import binascii
import hmac
import re
import secrets
from dataclasses import dataclass

OPEN = "open"
LINK = "link"
OBJECTION = "objection"
CHECK = "check"  # for the self-test, see `create_check_token`

CHECK_SECONDS = 60
MAX_LENGTH = 200  # characters; enough for two 64-bit ids and a 63-byte database name
NONCE_BITS = 32

_VERSION = 1
_HAS_DATABASE = 0x08
_KINDS = {OPEN: 1, LINK: 2, OBJECTION: 3, CHECK: 7}
_KIND_NAMES = {number: name for name, number in _KINDS.items()}
_NONCE_BYTES = NONCE_BITS // 8
_MAC_BYTES = 12  # 96 bits; RFC 2104, section 5, recommends 128 and no less than 80
_SCOPE = b"pipeline_tracking.token\0"  # invalidates signatures for other purposes
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class InvalidToken(ValueError):
    """Raised if a text is not a token signed by one of the given keys."""


@dataclass(frozen=True)
class Token:
    """Hold the content of a tracked URL.

    :param str kind: ``OPEN``, ``LINK``, ``OBJECTION`` or ``CHECK``
    :param int email_id: id of the trackable email
    :param int email_nonce: nonce of the trackable email, a signed 32-bit integer
    :param int link_id: id of the trackable link (``LINK`` only)
    :param int link_nonce: nonce of the trackable link (``LINK`` only)
    :param str database: name of the database, or ""
    """

    kind: str
    email_id: int
    email_nonce: int
    link_id: int = 0
    link_nonce: int = 0
    database: str = ""


def new_nonce():
    """Return a random signed 32-bit integer (``integer`` in PostgreSQL).

    :rtype: int
    """
    return secrets.randbits(NONCE_BITS) - (1 << (NONCE_BITS - 1))


def create_check_token(now, database):
    """Create a token for a request of the self-test to this server. The token is valid
    for a minute; its email id is the current time.

    :param float now: seconds since 1970, UTC
    :param str database: name of the database, or ""
    :rtype: Token
    """
    return Token(CHECK, int(now), new_nonce(), database=database)


def is_fresh(check, now):
    """Return whether a verified token of the self-test is at most a minute old, or a
    minute in the future, because clocks can differ.

    :param Token check: a token of kind ``CHECK``
    :param float now: seconds since 1970, UTC
    :rtype: bool
    """
    return abs(now - check.email_id) <= CHECK_SECONDS


def sign(token, key_id, secret):
    """Sign a token and return its text.

    :param Token token:
    :param int key_id: id of the key
    :param bytes secret: the key
    :rtype: str
    """
    flags = _KINDS[token.kind] | (_HAS_DATABASE if token.database else 0)
    payload = bytes([_VERSION << 4 | flags]) + _varint(key_id)
    payload += _varint(token.email_id) + _pack_nonce(token.email_nonce)
    if token.kind == LINK:
        payload += _varint(token.link_id) + _pack_nonce(token.link_nonce)
    payload += token.database.encode()
    signed = payload + _mac(payload, secret)
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode("ascii")


def verify(text, kind, keys):
    """Return the token in a text, if one of the keys signed it for this kind of URL.

    :param str text: any text from the URL
    :param str kind: the kind that the form of the URL requires
    :param dict[int, bytes] keys: key id -> secret
    :rtype: Token
    :raise InvalidToken: the text is forged, truncated, too long, of another kind…
    """
    signed = _decode(text)
    payload, mac = signed[:-_MAC_BYTES], signed[-_MAC_BYTES:]
    reader = _Reader(payload)
    flags = reader.byte()
    secret = keys.get(reader.varint())
    if secret is None or not hmac.compare_digest(mac, _mac(payload, secret)):
        raise InvalidToken("not signed by us")
    # The signature is valid: `sign` or a later version of `sign` wrote the rest.
    if flags >> 4 != _VERSION or _KIND_NAMES.get(flags & 0x07) != kind:
        raise InvalidToken("another version or kind")
    email_id, email_nonce = reader.varint(), reader.nonce()
    link_id = link_nonce = 0
    if kind == LINK:
        link_id, link_nonce = reader.varint(), reader.nonce()
    database = reader.rest().decode() if flags & _HAS_DATABASE else ""
    return Token(kind, email_id, email_nonce, link_id, link_nonce, database)


def read_database_name(text):
    """Read the database name in a token without verifying the signature. Verification
    requires the keys of that database.

    :param str text: any text from the URL
    :return: the name, or ""
    :rtype: str
    """
    try:
        reader = _Reader(_decode(text)[:-_MAC_BYTES])
        flags = reader.byte()
        if not flags & _HAS_DATABASE:
            return ""
        reader.varint(), reader.varint(), reader.nonce()
        if _KIND_NAMES.get(flags & 0x07) == LINK:
            reader.varint(), reader.nonce()
        return reader.rest().decode()
    except (InvalidToken, UnicodeDecodeError):
        return ""


def _decode(text):
    if len(text) > MAX_LENGTH or not _ALPHABET.fullmatch(text):
        raise InvalidToken("not base64url, or too long")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise InvalidToken("not base64url") from error
    # Each token has exactly one text: the unused low bits of the last character are 0.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != text:
        raise InvalidToken("not canonical")
    if len(raw) <= _MAC_BYTES:
        raise InvalidToken("too short")
    return raw


def _mac(payload, secret):
    return hmac.digest(secret, _SCOPE + payload, "sha256")[:_MAC_BYTES]


def _pack_nonce(nonce):
    return nonce.to_bytes(_NONCE_BYTES, "big", signed=True)


def _varint(number):
    """Encode a number as unsigned LEB128: seven bits per byte, low bits first."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


class _Reader:
    """Read the values in a payload one after the other."""

    def __init__(self, payload):
        self._payload = payload
        self._position = 0

    def _take(self, count):
        end = self._position + count
        if end > len(self._payload):
            raise InvalidToken("truncated")
        taken = self._payload[self._position : end]
        self._position = end
        return taken

    def byte(self):
        return self._take(1)[0]

    def varint(self):
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            if byte <= 0x7F:
                return number
            shift += 7

    def nonce(self):
        return int.from_bytes(self._take(_NONCE_BYTES), "big", signed=True)

    def rest(self):
        return self._take(len(self._payload) - self._position)
