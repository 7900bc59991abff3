"""Read, check and write the addon's list of published networks."""

import csv
import importlib.util
import os
import sys

from ..setup import paths
from ..setup.console import Problem
from .vendor_lists import check_network


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


def read(file):
    """Read the addon's list.

    :param Path file:
    :rtype: list[KnownNetwork]
    :raise Problem: names the line that is wrong
    """
    try:
        return known_networks.read(file)
    except (OSError, ValueError) as error:
        raise Problem(f"{error}. Correct the addon's list first.") from error


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
            check_network(row.network, row.vendor)
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


def write(file, rows):
    """Replace the addon's list.

    :param Path file:
    :param list[KnownNetwork] rows: from `sort`
    """
    # first a second file, so that an interruption leaves the list complete
    new_file = file.with_suffix(".new")
    with new_file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(known_networks.COLUMNS)
        for row in rows:
            network = known_networks.format_network(row.network)
            writer.writerow(row._replace(network=network, date=row.date.isoformat()))
    os.replace(new_file, file)


def _format(row):
    return f"{known_networks.format_network(row.network)} ({row.vendor})"
