"""Addresses: can a customer reach it, and how is it told to a browser?"""

import ipaddress
import re
from contextlib import suppress
from urllib.parse import quote, urlsplit

_unprintable = re.compile(r"[^!-~]")  # in a header: all but visible ASCII
_host = re.compile(r"[^:/?#]+://(?:[^/?#]*@)?([^/?#:@]+)")

# Names that never resolve on the public internet.
_PRIVATE_TLDS = frozenset(
    (
        "localhost",  # RFC 6761
        "test",  # RFC 6761
        "invalid",  # RFC 6761
        "example",  # RFC 6761
        "local",  # RFC 6762: multicast DNS
        "internal",  # reserved by ICANN for private use, resolution 2024.07.29.06
        "lan",  # common in home and office routers, RFC 6762 appendix G
        "home",  # RFC 6762 appendix G
        "corp",  # RFC 6762 appendix G
        "intranet",  # RFC 6762 appendix G
        "private",  # RFC 6762 appendix G
        "arpa",  # RFC 8375: home.arpa
    )
)


def is_public_url(url):
    """Whether a URL names a host that could be on the public internet.

    Nothing is looked up: a name in the public DNS that leads to a private
    network counts as public.

    :param str url: an absolute URL
    :rtype: bool
    """
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:  # a name
        name, _dot, tld = host.rpartition(".")
        return bool(name) and tld not in _PRIVATE_TLDS


def to_header(url):
    """A URL as the value of a Location header (RFC 9110, section 10.2.2).

    Visible ASCII stays byte for byte what it is. What is beyond is encoded as
    browsers do when they follow the link themselves: punycode in the host, UTF-8
    percent-encoded elsewhere.

    :param str url: an absolute URL
    :rtype: str
    """
    host = _host.match(url)
    if host and not host[1].isascii():
        # A host that punycode cannot say: the browser will tell.
        with suppress(UnicodeError):
            ascii_host = host[1].encode("idna").decode("ascii")
            url = url[: host.start(1)] + ascii_host + url[host.end(1) :]
    return _unprintable.sub(
        lambda found: quote(found[0], safe="", errors="replace"), url
    )
