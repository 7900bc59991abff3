"""Parse, compare and truncate IP addresses and networks; find a client's address."""

import ipaddress
import re
from functools import lru_cache

# Headers that reverse proxies add: the header of RFC 7239, and older usual headers.
PROXY_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)
# The environ of a request has this key if werkzeug's ProxyFix applied these headers.
PROXY_APPLIED = "werkzeug.proxy_fix.orig"
# IP version -> number of bits that a truncated address keeps. Like Google Analytics,
# truncation removes the last 8 bits of IPv4 and the last 80 bits of IPv6. A provider's
# customer has an IPv6 network of /48 at most (RFC 6177).
_PREFIXES = {4: 24, 6: 48}
_port = re.compile(r":\d+$")
_separators = re.compile(r"[\s,;]+")


@lru_cache(maxsize=64)
def parse(text):
    """Parse networks that a user writes: a network (``192.0.2.0/24``), an address, or
    an address with a prefix length (``192.0.2.7/24``). White space, commas or
    semicolons separate the networks.

    :param str | None text:
    :rtype: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network]
    :raise ValueError: names the first word that is not a network (RFC 4632, RFC 4291),
        or that contains all addresses
    """
    networks = []
    for word in filter(None, _separators.split(text or "")):
        network = ipaddress.ip_network(word, strict=False)
        if not network.prefixlen:
            raise ValueError(f"{word!r} contains all addresses")
        networks.append(network)
    return tuple(networks)


@lru_cache(maxsize=1024)
def parse_address(ip):
    """Parse an address.

    :param str | None ip: an IPv4 or IPv6 address; an IPv4 address in IPv6 form (RFC
        4291, section 2.5.5.2) counts as IPv4
    :return: None if the text is not an address
    :rtype: ipaddress.IPv4Address | ipaddress.IPv6Address | None
    """
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def contain(networks, ip):
    """Return whether an address is in one of these networks.

    :param networks: from `parse`
    :param str ip: an IPv4 or IPv6 address, or an IPv4 address in IPv6 form (RFC 4291,
        section 2.5.5.2); any other text is in no network
    :rtype: bool
    """
    address = parse_address(ip) if networks else None
    return address is not None and any(address in network for network in networks)


def is_address(ip):
    """Return whether a text is an IP address.

    :rtype: bool
    """
    return parse_address(ip) is not None


def is_local(ip):
    """Return whether an address belongs to the own computer or to a local network, as
    the address of a proxy in front of Odoo does.

    :param str ip: an IPv4 or IPv6 address; any other text is not local
    :rtype: bool
    """
    return contain(_LOCAL, ip)


def truncate(ip):
    """Set the bits of an address to zero that identify a computer within its network.

    :param str ip: an IPv4 or IPv6 address; an IPv4 address in IPv6 form counts as IPv4
    :return: the first address of the network, /24 (IPv4) or /48 (IPv6); "" if the text
        is not an address
    :rtype: str
    """
    address = parse_address(ip)
    if address is None:
        return ""
    dropped_bits = address.max_prefixlen - _PREFIXES[address.version]
    return str(type(address)(int(address) >> dropped_bits << dropped_bits))


def get_subscriber(ip):
    """Return the address or network that counts as one client in the limits on floods.

    A provider gives each customer an IPv6 network of /64 or larger (RFC 6177), so a
    customer can send each request from a different address.

    :param str ip: an IPv4 or IPv6 address; an IPv4 address in IPv6 form counts as IPv4
    :return: the /64 network of an IPv6 address, any other text unchanged
    :rtype: str
    """
    address = parse_address(ip)
    if address is None or address.version == 4:
        return str(address or ip)
    network = int(address) >> 64 << 64
    return f"{ipaddress.IPv6Address(network)}/64"


def get_client_address(environ):
    """Return the address of a request's client, if it is known.

    Behind a proxy that Odoo does not trust (``proxy_mode`` is off), all requests have
    the proxy's address, and the client's address is unknown. A proxy is recognized by
    the headers it adds, or by a loopback address on a request for another host.

    :param dict environ: the request's WSGI environ; it has `PROXY_APPLIED` if werkzeug
        applied the headers of a trusted proxy
    :return: the address, or "" if it is unknown
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
    address = parse_address(host)
    return address.is_loopback if address else host.lower() == "localhost"


# Loopback (RFC 1122, RFC 4291), private (RFC 1918, RFC 4193), shared by a provider's
# customers (RFC 6598), and link-local networks (RFC 3927, RFC 4291).
_LOCAL = parse(
    """
    127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16
    ::1/128 fc00::/7 fe80::/10
    """
)
