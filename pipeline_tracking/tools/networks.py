"""Networks: does an address belong to one of them?"""

import ipaddress
import re
from functools import lru_cache

_separators = re.compile(r"[\s,;]+")


@lru_cache(maxsize=64)
def read(text):
    """Networks as people write them down: ``192.0.2.0/24``, a single address, or one of
    its addresses with the length (``192.0.2.7/24``); several with white space, commas
    or semicolons between them.

    :param str text: or nothing
    :rtype: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network]
    :raise ValueError: naming the first that is none (RFC 4632, RFC 4291)
    """
    return tuple(
        ipaddress.ip_network(word, strict=False)
        for word in _separators.split(text or "")
        if word
    )


def contain(networks, ip):
    """Whether an address is in one of these networks.

    :param networks: as `read` gives them
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


@lru_cache(maxsize=1024)
def _parse(ip):
    try:
        found = ipaddress.ip_address(ip)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
