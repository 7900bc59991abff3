"""tools/known_networks: find the vendor's network that contains an address."""

import csv
import ipaddress
import logging
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import known_networks, networks
from odoo.addons.pipeline_tracking.tools.actors import CLICK, DOWNLOAD, OPEN
from odoo.addons.pipeline_tracking.tools.known_networks import (
    KINDS_BY_SCOPE,
    Index,
    KnownNetwork,
    find,
    find_system,
)

from dev.networks import addon_list

KINDS = (OPEN, CLICK, DOWNLOAD)
ROWS = known_networks.read()
NETWORKS = [row for row in ROWS if not isinstance(row.network, int)]
SYSTEMS = [row for row in ROWS if isinstance(row.network, int)]


def row_of(network, scope="any", vendor="Acme"):
    network = known_networks.parse_network(network)
    return KnownNetwork(network, vendor, scope, "proof", "a test", date(2026, 1, 1))


def find_slowly(rows, ip, kind):
    """Search all rows, as a reference for `Index`."""
    address = ipaddress.ip_address(ip)
    address = getattr(address, "ipv4_mapped", None) or address
    found = [
        row
        for row in rows
        if kind in KINDS_BY_SCOPE[row.scope]
        and not isinstance(row.network, int)
        and address in row.network
    ]
    return max(found, key=lambda row: row.network.prefixlen, default=None)


# ----------------------------------------------------------------
# The file
# ----------------------------------------------------------------


def test_file_is_valid():
    assert len(ROWS) > 90
    addon_list.check(addon_list.known_networks.read())
    for row in ROWS:
        assert row.vendor == row.vendor.strip()
        assert row.source == row.source.strip()
        assert date(2026, 1, 1) <= row.date <= date.today(), row


def test_file_is_as_the_refresh_writes_it(tmp_path):
    file = tmp_path / "known_networks.csv"
    addon_list.write(file, addon_list.sort(addon_list.known_networks.read()))
    assert file.read_bytes() == known_networks.FILE.read_bytes()


def test_no_sign_is_inside_a_proof():
    """The smallest network counts: a sign inside a proof would weaken it. A proof
    inside a sign is fine, such as a mail filter inside a cloud.
    """
    for proof in NETWORKS:
        for sign in NETWORKS:
            if (proof.certainty, sign.certainty) == ("proof", "sign"):
                versions = {proof.network.version, sign.network.version}
                assert len(versions) == 2 or not sign.network.subnet_of(proof.network)


def test_autonomous_systems_are_signs_only():
    assert {row.certainty for row in SYSTEMS} == {"sign"}


def test_networks_of_one_vendor_are_merged():
    for vendor in {row.vendor for row in NETWORKS}:
        for version in (4, 6):
            same = [
                row.network
                for row in NETWORKS
                if row.vendor == vendor and row.network.version == version
            ]
            assert list(ipaddress.collapse_addresses(same)) == same


# ----------------------------------------------------------------
# The published networks
# ----------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "ip, vendor, certainty",
    [
        ("66.249.87.1", "Google special crawlers", "proof"),
        ("2001:4860:4801:2008::1", "Google special crawlers", "proof"),
        ("40.93.1.2", "Microsoft Exchange Online Protection", "proof"),
        ("104.47.127.255", "Microsoft Exchange Online Protection", "proof"),
        ("::ffff:104.47.0.1", "Microsoft Exchange Online Protection", "proof"),
        ("::ffff:682f:1", "Microsoft Exchange Online Protection", "proof"),
        ("2a01:111:f403::1", "Microsoft Exchange Online Protection", "proof"),
        ("209.222.82.149", "Barracuda Email Gateway Defense", "proof"),
        ("67.231.152.1", "Proofpoint", "sign"),
        ("94.100.136.1", "Hornetsecurity", "sign"),
        ("52.58.35.43", "Cloudflare Email Security", "sign"),
    ],
)
def test_published_networks(ip, vendor, certainty, kind):
    known = find(ip, kind)
    assert (known.vendor, known.certainty) == (vendor, certainty)


@pytest.mark.parametrize(
    "ip, vendor",
    [
        # Azure, which opens links for Safe Links, and Windows 365, for people
        *(("20.42.0.1", "Microsoft"), ("52.160.0.1", "Microsoft")),
        *(("48.223.255.255", "Microsoft"), ("172.192.0.1", "Microsoft")),
        *(("::ffff:4.150.0.1", "Microsoft"), ("2603:1036::1", "Microsoft")),
        # Outlook on the web and Exchange Online load images for people.
        *(("40.96.0.1", "Microsoft"), ("52.96.0.1", "Microsoft")),
        *(("13.107.6.152", "Microsoft"), ("150.171.32.1", "Microsoft")),
        *(("34.64.0.1", "Google"), ("2600:1900::1", "Google")),
        # Gmail's image proxy loads images for people.
        *(("66.249.84.1", "Google"), ("66.249.85.255", "Google")),
        *(("66.102.6.240", "Google"), ("66.249.93.49", "Google")),
    ],
)
def test_networks_of_clouds_are_a_sign_for_links_only(ip, vendor):
    assert find(ip, OPEN) is None
    for kind in (CLICK, DOWNLOAD):
        known = find(ip, kind)
        assert (known.vendor, known.certainty) == (vendor, "sign")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "ip",
    [
        # iCloud Private Relay, for people who use Safari
        *("104.28.10.1", "172.224.226.1", "2a02:26f7:c9c0::1"),
        *("192.0.2.1", "10.0.0.1", "127.0.0.1", "::1", "fe80::1%eth0", "2001:db8::1"),
        *("", "x", "66.249.87.1:443", "66.249.87", "66.249.87.256", "[2a01::1]"),
        *("66.249.87.0/24", "AS8075", "8075", None, False),
    ],
)
def test_other_addresses_are_in_no_network(ip, kind):
    assert find(ip, kind) is None


def test_networks_of_image_proxies_are_in_no_row_for_opens():
    for proxy in ("66.249.84.0/23", "66.102.0.0/20", "40.96.0.0/13", "52.96.0.0/14"):
        for row in NETWORKS:
            if row.network.version == 4 and OPEN in KINDS_BY_SCOPE[row.scope]:
                assert not row.network.overlaps(ipaddress.ip_network(proxy)), row


def test_clouds_are_signs_for_links_only_in_each_row():
    clouds = [row for row in ROWS if row.vendor in ("Google", "Microsoft")]
    assert len(clouds) > 250
    assert {(row.scope, row.certainty) for row in clouds} == {("links", "sign")}


@pytest.mark.parametrize("row", NETWORKS, ids=lambda row: str(row.network))
def test_edges_of_each_network(row):
    for inside in (row.network[0], row.network[-1]):
        for kind in KINDS:
            expected = row if kind in KINDS_BY_SCOPE[row.scope] else None
            assert find(str(inside), kind) == expected
    for outside in (row.network[0] - 1, row.network[-1] + 1):
        for kind in KINDS:
            known = find(str(outside), kind)
            assert known is None or known.network != row.network
            assert known == find_slowly(ROWS, outside, kind)


@pytest.mark.parametrize(
    "number, vendor", [(8075, "Microsoft"), (15169, "Google"), (16417, "Cisco")]
)
def test_clouds_are_a_sign_for_links_only(number, vendor):
    assert find_system(number, OPEN) is None
    for kind in (CLICK, DOWNLOAD):
        known = find_system(number, kind)
        assert known.vendor.startswith(vendor)
        assert known.certainty == "sign"


@pytest.mark.parametrize("kind", KINDS)
def test_systems_of_filters_are_a_sign_for_all_kinds(kind):
    assert find_system(22843, kind).vendor == "Proofpoint"
    assert find_system(30031, kind).vendor == "Mimecast"
    for number in (None, 0, 1, 3320, 2**32):
        assert find_system(number, kind) is None


# ----------------------------------------------------------------
# The search
# ----------------------------------------------------------------


@st.composite
def st_rows_and_address(draw):
    """Draw networks around an address, and other networks."""
    version = draw(st.sampled_from((4, 6)))
    address = draw(st.ip_addresses(v=version))
    near = st.integers(0, address.max_prefixlen).map(
        lambda length: ipaddress.ip_network((address, length), strict=False)
    )
    far = st.tuples(st.ip_addresses(), st.integers(0, 32)).map(
        lambda pair: ipaddress.ip_network(pair, strict=False)
    )
    found = draw(st.lists(near | far, max_size=12, unique=True))
    rows = [
        row_of(str(network), draw(st.sampled_from(sorted(KINDS_BY_SCOPE))))
        for network in found
    ]
    return rows, str(address)


@given(st_rows_and_address(), st.sampled_from(KINDS))
def test_search_agrees_with_a_linear_search(rows_and_address, kind):
    rows, ip = rows_and_address
    assert Index(rows).find(ip, kind) == find_slowly(rows, ip, kind)


@given(st.ip_addresses(), st.sampled_from(KINDS))
def test_any_address(address, kind):
    assert find(str(address), kind) == find_slowly(ROWS, address, kind)


@given(st.sampled_from(NETWORKS), st.data(), st.sampled_from(KINDS))
def test_addresses_of_the_published_networks(row, data, kind):
    position = data.draw(st.integers(0, row.network.num_addresses - 1))
    ip = row.network[position]
    assert find(str(ip), kind) == find_slowly(ROWS, ip, kind)
    if ip.version == 4:
        assert find(f"::ffff:{ip}", kind) == find(str(ip), kind)


@given(st.text(), st.sampled_from(KINDS))
def test_any_text(text, kind):
    if not networks.is_address(text):
        assert find(text, kind) is None


def test_the_smallest_network_of_the_kind_counts():
    rows = [
        row_of("192.0.2.0/24", vendor="wide"),
        row_of("192.0.2.0/28", scope="links", vendor="small"),
    ]
    for ordered in (rows, rows[::-1]):
        index = Index(ordered)
        assert index.find("192.0.2.1", CLICK).vendor == "small"
        assert index.find("192.0.2.1", OPEN).vendor == "wide"
        assert index.find("192.0.2.99", CLICK).vendor == "wide"


def test_search_does_not_depend_on_the_number_of_networks():
    """A search makes one step for each prefix length, not for each network."""
    rows = [
        row_of(f"11.{high}.{low}.0/24") for high in range(256) for low in range(256)
    ]
    index = Index(rows)
    assert [len(steps) for steps in index._prefixes.values()] == [1, 1, 1]
    assert index.find("11.255.255.255", OPEN).network == rows[-1].network


# ----------------------------------------------------------------
# Rows that are wrong
# ----------------------------------------------------------------

GOOD = {
    "network": "192.0.2.0/24",
    "vendor": "Acme",
    "scope": "any",
    "certainty": "proof",
    "source": "https://acme.example.com",
    "date": "2026-11-30",
}


@pytest.mark.parametrize(
    "change, message",
    [
        ({"network": "192.0.2.1/24"}, "host bits"),
        ({"network": "x"}, "'x'"),
        ({"network": "AS0"}, "AS0"),
        ({"network": "AS 8075"}, "AS 8075"),
        ({"scope": "clicks"}, "scope 'clicks'"),
        ({"certainty": "maybe"}, "certainty 'maybe'"),
        ({"date": "30.11.2026"}, "30.11.2026"),
        ({"vendor": ""}, "vendor"),
        ({"source": ""}, "source"),
        ({"source": None}, "source"),
    ],
)
def test_wrong_rows(change, message, tmp_path, caplog):
    file = tmp_path / "known_networks.csv"
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, GOOD)
        writer.writeheader()
        writer.writerows([GOOD, {**GOOD, **change}])
    with pytest.raises(ValueError, match=r"known_networks\.csv, line 3") as failure:
        known_networks.read(file)
    assert message in str(failure.value)
    # On a customer's server, the other rows still count.
    with caplog.at_level(logging.WARNING, logger="odoo.addons.pipeline_tracking"):
        [row] = known_networks.read(file, skip_errors=True)
    assert row.network == ipaddress.ip_network("192.0.2.0/24")
    assert "line 3" in caplog.text


@pytest.mark.parametrize("skip_errors", [True, False])
@pytest.mark.parametrize("header", ["", "network;vendor", "network,vendor", "8.8.8.8"])
def test_other_columns_are_refused(header, skip_errors, tmp_path):
    file = tmp_path / "known_networks.csv"
    file.write_text(f"{header}\n198.51.100.0/24,Acme\n")
    with pytest.raises(ValueError, match="does not have the header"):
        known_networks.read(file, skip_errors=skip_errors)


@pytest.mark.parametrize("line", ["192.0.2.0/24,Acme", ",".join(GOOD.values()) + ",x"])
def test_rows_with_other_columns_are_refused(line, tmp_path):
    file = tmp_path / "known_networks.csv"
    file.write_text(f"{','.join(GOOD)}\n{line}\n")
    with pytest.raises(ValueError, match="line 2.*a text for each of"):
        known_networks.read(file)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b'"' + b"x" * 10**6])
def test_unreadable_file_stops_nothing(content, tmp_path, monkeypatch, caplog):
    file = tmp_path / "known_networks.csv"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(known_networks.read, "__defaults__", (file,))
    known_networks.get_index.cache_clear()
    find.cache_clear()
    try:
        with caplog.at_level(logging.WARNING, logger="odoo.addons.pipeline_tracking"):
            assert find("66.249.87.1", OPEN) is None
            assert find_system(8075, CLICK) is None
            assert find("40.93.1.2", CLICK) is None
    finally:
        known_networks.get_index.cache_clear()
        find.cache_clear()
    assert len(caplog.records) == 1


@pytest.mark.parametrize("text", ["AS8075", "AS4294967295", "10.0.0.0/8", "2a01::/16"])
def test_networks_are_written_as_they_are_read(text):
    assert known_networks.format_network(known_networks.parse_network(text)) == text
