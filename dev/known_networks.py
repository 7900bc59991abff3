"""Replace a vendor's networks in the addon's list by the vendor's own list
(``make networks``).

The vendor's list is a file, which you download. Nothing changes if a file is wrong.
"""

import argparse
import csv
import importlib.util
import ipaddress
import json
import os
import re
import sys
from datetime import date, datetime
from pathlib import Path

from .setup import paths
from .setup.console import Problem, say

GOOGLE = "Google special crawlers"
MICROSOFT = "Microsoft Exchange Online Protection"
# the endpoint sets of *.protection.outlook.com
MICROSOFT_SETS = {9, 10}
# the vendors of clouds, by the names that tools/classify.py knows
GOOGLE_CLOUD = "Google"
AZURE = "Microsoft"
# the service tag that has the networks of all regions
AZURE_TAG = "AzureCloud"
# IPv4 networks that do not belong to a vendor (IANA, special-purpose address registry;
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
# Microsoft writes the day of its service tags into the file's name only.
_AZURE_DAY = re.compile(r"_([0-9]{8})\.json")
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
# prefix lengths of the widest networks that a vendor can have
_WIDEST = {4: 8, 6: 16}


def _load_tools():
    """Import the addon's module without the addon, which needs a running Odoo."""
    folder = paths.ROOT / paths.ADDON / "tools"
    spec = importlib.util.spec_from_file_location(
        "addon_tools",
        folder / "__init__.py",
        submodule_search_locations=[str(folder)],
    )
    sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[spec.name])
    return importlib.import_module("addon_tools.known_networks")


known_networks = _load_tools()


def main(args, file=known_networks.FILE):
    """Replace the networks of vendors in the addon's list.

    :param list args: see `_parse_arguments`
    :param Path file: the addon's list
    :raise Problem: when a file is wrong; then the list is unchanged
    """
    options = _parse_arguments(args)
    rows = _read(file)
    messages = []
    for vendor, read, source in _list_sources(options):
        networks, published = read(Path(source))
        if read is read_azure:
            networks = networks + _list_networks(rows, vendor)
        old_rows = rows
        rows = _replace(rows, vendor, merge(networks, source), published, options)
        messages.append(_compare(vendor, old_rows, rows))
    check(rows)
    _write(file, rows)
    for message in messages:
        say(message)


# ----------------------------------------------------------------
# The vendors' lists
# ----------------------------------------------------------------


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
    them. `main` adds the networks that are in no block.

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
        _check_network(network, source)
    return merged


def check(rows):
    """Check that the rows of the addon's list agree with each other.

    :param list[KnownNetwork] rows:
    :raise Problem: names the networks that contradict each other
    """
    seen = set()
    for row in rows:
        if row.network in seen:
            raise Problem(f"{_format(row)} is in the list twice.")
        seen.add(row.network)
        if isinstance(row.network, int):
            if row.certainty == known_networks.PROOF:
                raise Problem(
                    f"{_format(row)} cannot be a proof: people can browse from an "
                    "autonomous system."
                )
        else:
            _check_network(row.network, row.vendor)
    networks = [row for row in rows if not isinstance(row.network, int)]
    # A proof may be inside a sign, because the smallest network counts.
    for proof in networks:
        for sign in networks:
            if (
                (proof.certainty, sign.certainty)
                == (known_networks.PROOF, known_networks.SIGN)
                and proof.network.version == sign.network.version
                and sign.network.subnet_of(proof.network)
            ):
                raise Problem(
                    f"{_format(sign)} and {_format(proof)} overlap: the smaller "
                    "network would turn a proof into a sign."
                )


def sort(rows):
    """Sort rows by vendor and network; autonomous systems are last.

    :rtype: list[KnownNetwork]
    """

    def key(row):
        if isinstance(row.network, int):
            return row.vendor.casefold(), 9, row.network, 0
        network = row.network
        address = int(network.network_address)
        return row.vendor.casefold(), network.version, address, network.prefixlen

    return sorted(rows, key=key)


# ----------------------------------------------------------------
# Arguments and the addon's list
# ----------------------------------------------------------------


def _parse_arguments(args):
    parser = argparse.ArgumentParser(prog="make networks", description=__doc__)
    parser.add_argument(
        "--google", metavar="FILE", help="Google's special-crawlers.json"
    )
    parser.add_argument(
        "--microsoft", metavar="FILE", help="Microsoft's worldwide endpoints, as JSON"
    )
    parser.add_argument(
        "--google-cloud", metavar="FILE", help="Google's goog.json, or cloud.json"
    )
    parser.add_argument(
        "--azure",
        metavar="FILE",
        help="Microsoft's service tags: add the networks of Azure that are missing",
    )
    parser.add_argument(
        "--list", metavar="FILE", help="another vendor's networks, one in each line"
    )
    parser.add_argument("--vendor", help="the vendor of --list")
    parser.add_argument(
        "--scope", choices=known_networks.KINDS_BY_SCOPE, help="for --list"
    )
    parser.add_argument(
        "--certainty", choices=known_networks.CERTAINTIES, help="for --list"
    )
    parser.add_argument("--source", help="where --list comes from")
    parser.add_argument(
        "--date",
        type=date.fromisoformat,
        help="the day of the vendor's list (default: as in the file, or today)",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="also if more than half of a vendor's networks are removed",
    )
    options = parser.parse_args([str(arg) for arg in args])
    if not _list_sources(options):
        parser.error("name a file, such as --google FILE or --list FILE")
    if bool(options.list) != bool(options.vendor):
        parser.error("--list and --vendor belong together")
    return options


def _list_sources(options):
    """List the vendors to replace: name, function that reads the file, file."""
    sources = [
        (GOOGLE, read_google, options.google),
        (MICROSOFT, read_microsoft, options.microsoft),
        (GOOGLE_CLOUD, read_google, options.google_cloud),
        (AZURE, read_azure, options.azure),
        (options.vendor, read_list, options.list),
    ]
    return [source for source in sources if source[2]]


def _read(file):
    try:
        return known_networks.read(file)
    except (OSError, ValueError) as error:
        raise Problem(f"{error}. Correct the addon's list first.") from error


def _read_json(source, kind):
    try:
        content = json.loads(source.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Problem(f"{source} cannot be read as JSON: {error}") from error
    if not isinstance(content, kind):
        raise Problem(f"{source} is JSON of another kind. Is it the right file?")
    return content


def _replace(rows, vendor, networks, published, options):
    """Replace the networks of a vendor. Its autonomous systems stay.

    :param list[KnownNetwork] rows: the addon's list
    :param list networks: the vendor's networks
    :param date | None published: the day of the vendor's list
    :return: the addon's new list
    :rtype: list[KnownNetwork]
    """
    old_rows = [row for row in rows if _is_replaced(row, vendor)]
    if not options.force:
        _check_dropped(vendor, old_rows, networks)
    given = {}
    if vendor == options.vendor:
        for name in ("scope", "certainty", "source"):
            if getattr(options, name):
                given[name] = getattr(options, name)
    for name in ("scope", "certainty", "source"):
        known = {getattr(row, name) for row in old_rows}
        if name not in given and len(known) != 1:
            vendors = sorted({row.vendor for row in rows})
            raise Problem(
                f'The list does not tell the {name} of the vendor "{vendor}". Add '
                f"--{name}, or use a vendor of the list: {', '.join(vendors)}."
            )
        given.setdefault(name, *known)
    day = options.date or published or date.today()
    new_rows = [
        known_networks.KnownNetwork(network, vendor, date=day, **given)
        for network in networks
    ]
    return sort([row for row in rows if row not in old_rows] + new_rows)


def _list_networks(rows, vendor):
    """List a vendor's networks as texts, without its autonomous systems."""
    return [str(row.network) for row in rows if _is_replaced(row, vendor)]


def _is_replaced(row, vendor):
    return row.vendor == vendor and not isinstance(row.network, int)


def _check_dropped(vendor, old_rows, networks):
    dropped = [
        row
        for row in old_rows
        if not any(
            row.network.version == network.version and row.network.subnet_of(network)
            for network in networks
        )
    ]
    if len(dropped) * 2 > len(old_rows):
        raise Problem(
            f"The file lacks {len(dropped)} of the {len(old_rows)} networks of "
            f"{vendor}. If this is right, add --force."
        )


def _check_network(network, source):
    special = [
        str(other)
        for other in _SPECIAL
        if other.version == network.version and other.overlaps(network)
    ]
    if network.prefixlen < _WIDEST[network.version]:
        raise Problem(f"{source}: {network} is too wide for a vendor's network.")
    if special or (network.version == 6 and not network.subnet_of(_GLOBAL_IPV6)):
        raise Problem(f"{source}: {network} is not a public network.")


def _compare(vendor, old_rows, new_rows):
    old = {row.network for row in old_rows if _is_replaced(row, vendor)}
    new = {row.network for row in new_rows if _is_replaced(row, vendor)}
    return (
        f"{vendor}: {len(new)} networks ({len(new - old)} new, {len(old - new)} "
        "removed)."
    )


def _format(row):
    return f"{known_networks.format_network(row.network)} ({row.vendor})"


def _write(file, rows):
    # first a second file, so that an interruption leaves the list complete
    new_file = file.with_suffix(".new")
    with new_file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(known_networks.COLUMNS)
        for row in rows:
            network = known_networks.format_network(row.network)
            writer.writerow(row._replace(network=network, date=row.date.isoformat()))
    os.replace(new_file, file)
