"""Networks: does an address belong to one of them?"""

import ipaddress
import re
from functools import lru_cache

# What reverse proxies add: RFC 7239, and the usual ones of before.
PROXY_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)
# In a request's environ: werkzeug's ProxyFix applied them.
PROXY_APPLIED = "werkzeug.proxy_fix.orig"
# What is left of an address that is truncated, by its version: as Google Analytics
# left it (the last 8 bits of IPv4, the last 80 of IPv6 are gone). A customer of a
# provider has an IPv6 network of /48 at most (RFC 6177).
_PREFIXES = {4: 24, 6: 48}
_port = re.compile(r":\d+$")
_separators = re.compile(r"[\s,;]+")


@lru_cache(maxsize=64)
def parse(text):
    """Networks as people write them down: ``192.0.2.0/24``, a single address, or one of
    its addresses with the length (``192.0.2.7/24``); several with white space, commas
    or semicolons between them.

    :param str text: or nothing
    :rtype: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network]
    :raise ValueError: naming the first that is none (RFC 4632, RFC 4291), or is all
        there is
    """
    found = []
    for word in filter(None, _separators.split(text or "")):
        network = ipaddress.ip_network(word, strict=False)
        if not network.prefixlen:
            raise ValueError(f"{word!r} is every address there is")
        found.append(network)
    return tuple(found)


def contain(networks, ip):
    """Whether an address is in one of these networks.

    :param networks: as `parse` gives them
    :param str ip: IPv4 or IPv6, an IPv4 address in its IPv6 form as well (RFC 4291,
        section 2.5.5.2); anything else is nowhere
    :rtype: bool
    """
    found = _parse(ip) if networks else None
    return found is not None and any(found in network for network in networks)


def is_address(ip):
    """Whether a text is an address.

    :rtype: bool
    """
    return _parse(ip) is not None


def truncate(ip):
    """An address without what tells one computer from its neighbours.

    :param str ip: IPv4 or IPv6; an IPv4 address in its IPv6 form is taken as IPv4
    :return: the first address of its network: of /24 (IPv4) or /48 (IPv6); "" of what
        is no address
    :rtype: str
    """
    found = _parse(ip)
    if found is None:
        return ""
    dropped = found.max_prefixlen - _PREFIXES[found.version]
    return str(type(found)(int(found) >> dropped << dropped))


def get_subscriber(ip):
    """Return what counts as one sender of requests, for bounds on floods.

    A provider gives a customer a whole IPv6 network of /64 at least (RFC 6177): the
    customer can send each request from another address of it.

    :param str ip: IPv4 or IPv6; an IPv4 address in its IPv6 form is taken as IPv4
    :return: an IPv6 address's /64 network, any other text as it is
    :rtype: str
    """
    address = _parse(ip)
    if address is None or address.version == 4:
        return str(address or ip)
    network = int(address) >> 64 << 64
    return f"{ipaddress.IPv6Address(network)}/64"


def get_client_address(environ):
    """Where a request came from, as far as that is known.

    Behind a proxy that this Odoo was not told to trust (``proxy_mode``), there is the
    proxy's address only, the same for everyone: then it is not known. A proxy is told
    by what it adds, or by being on this machine while the request is for another.

    :param dict environ: of the request, WSGI's; werkzeug keeps in it whether it
        applied what a trusted proxy said
    :return: the address, or ""
    :rtype: str
    """
    ip = environ.get("REMOTE_ADDR") or ""
    if PROXY_APPLIED in environ:
        return ip
    if any(header in environ for header in PROXY_HEADERS):
        return ""
    host = _port.sub("", environ.get("HTTP_HOST") or "localhost").strip("[]")
    return "" if _is_loopback(ip) and not _is_loopback(host) else ip


def _is_loopback(host):
    found = _parse(host)
    return found.is_loopback if found else host.lower() == "localhost"


@lru_cache(maxsize=1024)
def _parse(ip):
    try:
        found = ipaddress.ip_address(ip)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


# Google's special crawlers also look at what is mailed.
# Google's list special-crawlers.json of 2026-05-06, joined to the largest networks.
# Its image proxy for Gmail comes from others (66.249.84.0/23 and more).
GOOGLE_SPECIAL_CRAWLERS = parse(
    """
    66.249.87.0/24 66.249.89.0/24 66.249.90.0/23 66.249.92.0/24
    72.14.199.32/27 72.14.199.64/26 72.14.199.128/25
    74.125.148.0/23 74.125.150.0/25 74.125.150.128/26 74.125.150.192/27
    74.125.151.0/24 74.125.216.0/23 74.125.218.0/24 74.125.219.0/25 74.125.219.128/26
    108.177.2.0/24 192.178.16.0/24 192.178.17.0/27 209.85.238.0/24

    2001:4860:4801:2008::/64 2001:4860:4801:200c::/63 2001:4860:4801:2010::/60
    2001:4860:4801:2020::/59 2001:4860:4801:2040::/63 2001:4860:4801:2042::/64
    2001:4860:4801:2044::/62 2001:4860:4801:2048::/62 2001:4860:4801:204c::/63
    2001:4860:4801:204e::/64 2001:4860:4801:2050::/62 2001:4860:4801:2054::/63
    2001:4860:4801:2056::/64 2001:4860:4801:2060::/60 2001:4860:4801:2070::/61
    2001:4860:4801:2078::/62 2001:4860:4801:207c::/63 2001:4860:4801:2080::/61
    2001:4860:4801:2088::/64 2001:4860:4801:2090::/61 2001:4860:4801:20a0::/62
    2001:4860:4801:20a4::/63 2001:4860:4801:20a6::/64 2001:4860:4801:20b0::/62
    2001:4860:4801:20b4::/63 2001:4860:4801:20b6::/64
    """
)
