"""Parse, compare and truncate IP addresses and networks; find a client's address."""

import ipaddress
import re
from functools import lru_cache

# Headers that reverse proxies add: that of RFC 7239, and the older usual ones.
PROXY_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)
# A key of a request's environ: werkzeug's ProxyFix applied those headers.
PROXY_APPLIED = "werkzeug.proxy_fix.orig"
# IP version -> how many bits of a truncated address remain: Google Analytics removed as
# many (the last 8 bits of IPv4, the last 80 of IPv6). A customer of a provider has an
# IPv6 network of /48 at most (RFC 6177).
_PREFIXES = {4: 24, 6: 48}
_port = re.compile(r":\d+$")
_separators = re.compile(r"[\s,;]+")


@lru_cache(maxsize=64)
def parse(text):
    """Parse networks that people write: ``192.0.2.0/24``, a single address, or an
    address of the network with the length (``192.0.2.7/24``). White space, commas or
    semicolons separate them.

    :param str | None text:
    :rtype: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network]
    :raise ValueError: names the first word that is no network (RFC 4632, RFC 4291), or
        that is the network of all addresses
    """
    networks = []
    for word in filter(None, _separators.split(text or "")):
        network = ipaddress.ip_network(word, strict=False)
        if not network.prefixlen:
            raise ValueError(f"{word!r} is every address there is")
        networks.append(network)
    return tuple(networks)


def contain(networks, ip):
    """Return whether an address is in one of these networks.

    :param networks: from `parse`
    :param str ip: IPv4 or IPv6, also an IPv4 address in its IPv6 form (RFC 4291,
        section 2.5.5.2); any other text is in no network
    :rtype: bool
    """
    address = _parse_address(ip) if networks else None
    return address is not None and any(address in network for network in networks)


def is_address(ip):
    """Return whether a text is an IP address.

    :rtype: bool
    """
    return _parse_address(ip) is not None


def truncate(ip):
    """Set the last bits of an address to zero, which identify a computer in its
    network.

    :param str ip: IPv4 or IPv6; an IPv4 address in its IPv6 form is taken as IPv4
    :return: the first address of its network, /24 (IPv4) or /48 (IPv6); "" if the text
        is no address
    :rtype: str
    """
    address = _parse_address(ip)
    if address is None:
        return ""
    dropped_bits = address.max_prefixlen - _PREFIXES[address.version]
    return str(type(address)(int(address) >> dropped_bits << dropped_bits))


def get_subscriber(ip):
    """Return the address or network that counts as one sender in the bounds on floods.

    A provider gives a customer a whole IPv6 network of /64 at least (RFC 6177): the
    customer can send each request from another address of it.

    :param str ip: IPv4 or IPv6; an IPv4 address in its IPv6 form is taken as IPv4
    :return: an IPv6 address's /64 network, any other text as it is
    :rtype: str
    """
    address = _parse_address(ip)
    if address is None or address.version == 4:
        return str(address or ip)
    network = int(address) >> 64 << 64
    return f"{ipaddress.IPv6Address(network)}/64"


def get_client_address(environ):
    """Return the address of a request's client, if it is known.

    Behind a proxy that this Odoo was not told to trust (``proxy_mode``), the only
    address is the proxy's, the same for all clients: then the client's is not known. A
    proxy is recognised by the headers it adds, or because it is on this machine while
    the request is for another.

    :param dict environ: WSGI's environ of the request; werkzeug notes in it that it
        applied the headers of a trusted proxy
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
    address = _parse_address(host)
    return address.is_loopback if address else host.lower() == "localhost"


@lru_cache(maxsize=1024)
def _parse_address(ip):
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


# Google's special crawlers also fetch links in emails.
# Source: Google's list special-crawlers.json of 2026-05-06, joined to the largest
# networks. Gmail's image proxy uses other networks (66.249.84.0/23 and more).
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
