"""Replace a vendor's networks in the addon's list by the vendor's own list
(``make networks``).

The vendor's list is a file, which you download. Nothing changes if a file is wrong.
"""

import argparse
from datetime import date
from pathlib import Path

from ..setup.console import Problem, say
from . import addon_list
from .addon_list import known_networks
from .vendor_lists import merge, read_azure, read_google, read_list, read_microsoft

GOOGLE = "Google special crawlers"
MICROSOFT = "Microsoft Exchange Online Protection"
# vendors of clouds: tools/classify.py has the same names
GOOGLE_CLOUD = "Google"
AZURE = "Microsoft"


def main(args, file=known_networks.FILE):
    """Replace the networks of vendors in the addon's list.

    :param list args: see `_parse_arguments`
    :param Path file: the addon's list
    :raise Problem: when a file is wrong; then the list is unchanged
    """
    options = _parse_arguments(args)
    rows = addon_list.read(file)
    messages = []
    for vendor, read, source in _list_sources(options):
        networks, published = read(Path(source))
        if read is read_azure:
            networks = networks + _list_networks(rows, vendor)
        old_rows = rows
        rows = _replace(rows, vendor, merge(networks, source), published, options)
        messages.append(_compare(vendor, old_rows, rows))
    addon_list.check(rows)
    addon_list.write(file, rows)
    for message in messages:
        say(message)


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
    return addon_list.sort([row for row in rows if row not in old_rows] + new_rows)


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


def _compare(vendor, old_rows, new_rows):
    old = {row.network for row in old_rows if _is_replaced(row, vendor)}
    new = {row.network for row in new_rows if _is_replaced(row, vendor)}
    return (
        f"{vendor}: {len(new)} networks ({len(new - old)} new, {len(old - new)} "
        "removed)."
    )
