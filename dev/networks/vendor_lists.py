"""Read the networks in the lists that vendors publish."""

import ipaddress
import json
import re
from datetime import date, datetime

from ..setup.console import Problem

# the endpoint sets of *.protection.outlook.com
MICROSOFT_SETS = {9, 10}
# the service tag that has the networks of all regions
AZURE_TAG = "AzureCloud"
# Microsoft writes the day of its service tags into the file's name only.
_AZURE_DAY = re.compile(r"_([0-9]{8})\.json")
# Networks that do not belong to a vendor (IANA, special-purpose address registry;
# multicast and reserved addresses)
_SPECIAL = [
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        "2001:db8::/32",
    )
]
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
# prefix lengths of the widest networks that a vendor can have
_WIDEST = {4: 8, 6: 16}


def read_google(source):
    """Read a list of Google, such as special-crawlers.json.

    :param Path source:
    :return: the networks as texts, and the day on which Google made the list
    :rtype: tuple[list[str], date | None]
    """
    content = _read_json(source, dict)
    prefixes = content.get("prefixes")
    if not isinstance(prefixes, list):
        raise Problem(f'{source} has no list "prefixes". Is it a list of Google?')
    networks = []
    for prefix in prefixes:
        values = prefix if isinstance(prefix, dict) else {}
        network = values.get("ipv4Prefix") or values.get("ipv6Prefix")
        if not network:
            raise Problem(f"{source} has a prefix without a network: {prefix}")
        networks.append(network)
    try:
        return networks, date.fromisoformat(str(content.get("creationTime"))[:10])
    except ValueError:
        return networks, None


def read_microsoft(source):
    """Read the endpoints of Microsoft 365, and select the sets of the mail filter.

    :param Path source:
    :rtype: tuple[list[str], None]
    """
    endpoints = [
        endpoint
        for endpoint in _read_json(source, list)
        if isinstance(endpoint, dict)
        and endpoint.get("id") in MICROSOFT_SETS
        and endpoint.get("serviceArea") == "Exchange"
    ]
    missing = MICROSOFT_SETS - {endpoint["id"] for endpoint in endpoints}
    if missing:
        raise Problem(
            f"{source} lacks the endpoint sets {sorted(missing)} of Exchange. Is it "
            "Microsoft's list of worldwide endpoints?"
        )
    networks = [
        network for endpoint in endpoints for network in endpoint.get("ips", [])
    ]
    return networks, None


def read_azure(source):
    """Read Microsoft's service tags (ServiceTags_Public_20261130.json), and select the
    networks of Azure.

    The tag has thousands of networks. The addon's list has the blocks that contain
    them. `command.main` adds the networks that are in no block.

    :param Path source:
    :return: the networks as texts, and the day in the file's name
    :rtype: tuple[list[str], date | None]
    """
    values = _read_json(source, dict).get("values")
    tags = [
        value.get("properties")
        for value in (values if isinstance(values, list) else ())
        if isinstance(value, dict) and value.get("name") == AZURE_TAG
    ]
    prefixes = [
        prefix
        for properties in tags
        if isinstance(properties, dict)
        for prefix in properties.get("addressPrefixes") or ()
    ]
    if not prefixes:
        raise Problem(
            f"{source} has no networks of the tag {AZURE_TAG}. Is it Microsoft's list "
            "of service tags?"
        )
    day = _AZURE_DAY.search(source.name)
    try:
        return prefixes, datetime.strptime(day[1], "%Y%m%d").date() if day else None
    except ValueError:
        return prefixes, None


def read_list(source):
    """Read networks from the first column of a text or CSV file.

    Empty lines and comments (``# …``) are left out, and so is a header: a first line
    whose first word has no dot, slash or colon.

    :param Path source:
    :rtype: tuple[list[str], None]
    """
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{source} cannot be read: {error}") from error
    networks = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].replace(",", " ").replace(";", " ").split()
        if not words:
            continue
        network = words[0].strip("\"'")
        if number > 1 or set("./:") & set(network):
            networks.append(network)
    return networks, None


def merge(texts, source):
    """Parse networks, and merge adjacent and overlapping networks.

    :param list[str] texts:
    :param str source: the file, for messages
    :return: networks, sorted
    :rtype: list[ipaddress.IPv4Network | ipaddress.IPv6Network]
    :raise Problem: when a text is no network, when a network is not public, or when
        there is no network
    """
    networks = []
    for text in texts:
        try:
            networks.append(ipaddress.ip_network(text))
        except ValueError as error:
            raise Problem(f"{source}: {error}. Correct the file.") from error
    merged = [
        network
        for version in (4, 6)
        for network in ipaddress.collapse_addresses(
            network for network in networks if network.version == version
        )
    ]
    if not merged:
        raise Problem(f"{source} has no network. Is it the right file?")
    for network in merged:
        check_network(network, source)
    return merged


def _read_json(source, kind):
    try:
        content = json.loads(source.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Problem(f"{source} cannot be read as JSON: {error}") from error
    if not isinstance(content, kind):
        raise Problem(f"{source} is JSON of another kind. Is it the right file?")
    return content


def check_network(network, source):
    """Check that a network can belong to a vendor.

    :param ipaddress.IPv4Network | ipaddress.IPv6Network network:
    :param str source: the file or the vendor, for messages
    :raise Problem: when the network is too wide, or not public
    """
    special = [
        str(other)
        for other in _SPECIAL
        if other.version == network.version and other.overlaps(network)
    ]
    if network.prefixlen < _WIDEST[network.version]:
        raise Problem(f"{source}: {network} is too wide for a vendor's network.")
    if special or (network.version == 6 and not network.subnet_of(_GLOBAL_IPV6)):
        raise Problem(f"{source}: {network} is not a public network.")
