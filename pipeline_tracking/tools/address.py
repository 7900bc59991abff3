"""Can a customer reach this address?"""

import ipaddress
from urllib.parse import urlsplit

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
    except ValueError:
        pass  # a name
    name, _dot, tld = host.rpartition(".")
    return bool(name) and tld not in _PRIVATE_TLDS
