"""Find the vendor whose scanner or proxy has an IP address, in a list of published
networks (``data/known_networks.csv``).

``make networks`` refreshes the list from the vendors' own lists.
"""

import csv
import ipaddress
import logging
import re
from collections import defaultdict, namedtuple
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from .actors import ANY, LINKS, OPENS
from .networks import parse_address

_logger = logging.getLogger(__name__)

FILE = Path(__file__).resolve().parents[1] / "data" / "known_networks.csv"

# Certainties
PROOF = "proof"  # no person browses from this network
SIGN = "sign"  # isolated browsers or cloud computers of people are possible
CERTAINTIES = (PROOF, SIGN)

# Scope -> kinds of action about which the network tells something
KINDS_BY_SCOPE = {"any": ANY, "links": LINKS, "opens": OPENS}

# A row of the file. `network`: an IPv4Network or IPv6Network, or the number of an
# autonomous system. `date`: the day on which the source was published or read.
KnownNetwork = namedtuple("KnownNetwork", "network vendor scope certainty source date")
COLUMNS = KnownNetwork._fields

_system = re.compile(r"AS([1-9][0-9]{0,9})")


def parse_network(text):
    """Parse a network as the file writes it.

    :param str text: ``192.0.2.0/24``, ``2001:db8::/48``, or ``AS64496`` for an
        autonomous system
    :return: a network, or the number of an autonomous system
    :rtype: ipaddress.IPv4Network | ipaddress.IPv6Network | int
    :raise ValueError: if the text is no network, or if the address has bits that its
        prefix length leaves out
    """
    system = _system.fullmatch(text)
    return int(system[1]) if system else ipaddress.ip_network(text)


def format_network(network):
    """Return a network as the file writes it; reverse `parse_network`.

    :rtype: str
    """
    return f"AS{network}" if isinstance(network, int) else str(network)


def parse_row(values):
    """Parse a row of the file.

    :param dict[str, str] values: column -> text
    :rtype: KnownNetwork
    :raise ValueError: names the column that is missing or wrong
    """
    if set(values) != set(COLUMNS) or not all(values.values()):
        raise ValueError(f"{values} does not have a text for each of {COLUMNS}")
    row = KnownNetwork(**values)
    if row.scope not in KINDS_BY_SCOPE:
        raise ValueError(f"scope {row.scope!r} is none of {tuple(KINDS_BY_SCOPE)}")
    if row.certainty not in CERTAINTIES:
        raise ValueError(f"certainty {row.certainty!r} is none of {CERTAINTIES}")
    return row._replace(
        network=parse_network(row.network), date=date.fromisoformat(row.date)
    )


def read(file=FILE, *, skip_errors=False):
    """Read the networks of a file.

    :param Path file: a CSV file with the header `COLUMNS`
    :param bool skip_errors: log rows that are wrong, and leave them out
    :rtype: list[KnownNetwork]
    :raise ValueError: names the file and the line that is wrong; also raised for a
        wrong header if `skip_errors`
    :raise OSError: if the file cannot be read
    """
    rows = []
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{file.name} does not have the header {COLUMNS}")
        for values in reader:
            try:
                rows.append(parse_row(values))
            except ValueError as error:
                message = f"{file.name}, line {reader.line_num}: {error}"
                if not skip_errors:
                    raise ValueError(message) from error
                _logger.warning("%s", message)
    return rows


class Index:
    """Find networks by an address in constant time.

    Each prefix length has a dict, whose keys are the first bits of its networks. A
    search looks into these dicts, the longest prefix first.

    :param list[KnownNetwork] rows:
    """

    def __init__(self, rows):
        self._systems = {}
        rows_by_prefix = defaultdict(dict)
        for row in rows:
            for kind in KINDS_BY_SCOPE[row.scope]:
                if isinstance(row.network, int):
                    self._systems[kind, row.network] = row
                    continue
                shift = row.network.max_prefixlen - row.network.prefixlen
                first_bits = int(row.network.network_address) >> shift
                rows_by_prefix[kind, row.network.version, shift][first_bits] = row
        self._prefixes = defaultdict(list)
        for kind, version, shift in sorted(rows_by_prefix):
            self._prefixes[kind, version].append(
                (shift, rows_by_prefix[kind, version, shift])
            )

    def find(self, ip, kind):
        """Find the smallest network that contains an address. See `find`."""
        address = parse_address(ip)
        if address is None:
            return None
        bits = int(address)
        for shift, rows in self._prefixes.get((kind, address.version), ()):
            row = rows.get(bits >> shift)
            if row:
                return row
        return None

    def find_system(self, number, kind):
        """Find an autonomous system by its number. See `find_system`."""
        return self._systems.get((kind, number))


@cache
def get_index():
    """Return the index of the published networks; read the file at the first call.

    A file that is missing or damaged must not stop the processing of requests: the log
    has a warning, and the networks are not known.

    :rtype: Index
    """
    try:
        return Index(read(skip_errors=True))
    except (OSError, ValueError, csv.Error) as error:
        _logger.warning("The published networks cannot be read: %s", error)
        return Index([])


@lru_cache(maxsize=1024)
def find(ip, kind):
    """Find the published network of a scanner or proxy that contains an address.

    If several networks contain the address, the smallest counts.

    :param str ip: an IPv4 or IPv6 address, or an IPv4 address in IPv6 form (RFC 4291,
        section 2.5.5.2); any other text is in no network
    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :return: the network, or None if the list tells nothing about this kind of request
        from this address
    :rtype: KnownNetwork | None
    """
    return get_index().find(ip, kind)


def find_system(number, kind):
    """Find the autonomous system of a scanner or proxy.

    :param int | None number: from `autonomous_systems.find_number`
    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :rtype: KnownNetwork | None
    """
    return get_index().find_system(number, kind)
