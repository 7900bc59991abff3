"""Addresses: can a customer reach it, and how is it told to a browser?"""

import ipaddress
import re
from contextlib import suppress
from urllib.parse import quote, urlsplit

from werkzeug.urls import iri_to_uri

_UNPRINTABLE = re.compile(r"[^!-~]")  # in a header: all but visible ASCII

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
    if _UNPRINTABLE.search(url):
        # A host or port that is none raises: the browser will say so.
        with suppress(ValueError):
            url = iri_to_uri(url)
    return _UNPRINTABLE.sub(
        lambda found: quote(found[0], safe="", errors="replace"), url
    )
