"""tools/networks: an address is in a network, or in none."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import networks


def test_as_people_write_them():
    text = "192.0.2.0/24, 198.51.100.7\n\t2001:db8::/48;203.0.113.9/24"
    assert [str(network) for network in networks.parse(text)] == [
        "192.0.2.0/24",
        "198.51.100.7/32",
        "2001:db8::/48",
        "203.0.113.0/24",
    ]
    assert networks.parse("") == networks.parse(None) == networks.parse(" \n") == ()


@pytest.mark.parametrize(
    "text", ["x", "192.0.2.0/33", "192.0.2", "192.0.2.0/24 office", "0.0.0.0/0", "::/0"]
)
def test_what_is_none(text):
    with pytest.raises(ValueError, match=text.split()[-1]):
        networks.parse(text)


@pytest.mark.parametrize("ip", ["", "x", "192.0.2.1:80", "192.0.2.256", "fe80::%"])
def test_what_is_no_address_is_nowhere(ip):
    assert not networks.is_address(ip)
    assert not networks.contain(networks.parse("0.0.0.0/1 ::/1"), ip)


@given(st.ip_addresses(), st.integers(1, 32))
def test_in_its_own_network_and_in_no_other(address, length):
    network = ipaddress.ip_network((address, length), strict=False)
    ip = str(address)
    own_networks = networks.parse(f"{ip}/{length}")
    mapped = getattr(address, "ipv4_mapped", None)
    assert networks.contain(own_networks, ip) or mapped
    assert not networks.contain((), ip)
    outside = str(network.network_address - 1 if int(network[0]) else network[-1] + 1)
    if not getattr(ipaddress.ip_address(outside), "ipv4_mapped", None):
        assert not networks.contain(own_networks, outside)


PEER = {"REMOTE_ADDR": "192.0.2.1", "HTTP_HOST": "odoo.acme.example.com"}


@pytest.mark.parametrize(
    "environ, ip",
    [
        (PEER, "192.0.2.1"),
        # what a trusted proxy said was applied
        ({**PEER, "HTTP_X_FORWARDED_FOR": "x", "werkzeug.proxy_fix.orig": {}}, PEER),
        ({**PEER, "REMOTE_ADDR": "127.0.0.1", "werkzeug.proxy_fix.orig": {}}, None),
        # at this machine, as when developing
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8069"}, "127.0.0.1"),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8069"}, "127.0.0.1"),
        ({"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8069"}, "::1"),
        ({"REMOTE_ADDR": "127.0.0.1"}, "127.0.0.1"),
        # in the office
        ({**PEER, "REMOTE_ADDR": "10.0.0.7"}, "10.0.0.7"),
    ],
)
def test_where_a_request_came_from(environ, ip):
    expected = ip if isinstance(ip, str) else environ["REMOTE_ADDR"]
    assert networks.get_client_address(environ) == expected


@pytest.mark.parametrize(
    "environ",
    [
        {**PEER, "HTTP_X_FORWARDED_FOR": "203.0.113.7"},
        {**PEER, "HTTP_X_REAL_IP": "203.0.113.7"},
        {**PEER, "HTTP_FORWARDED": "for=203.0.113.7"},
        {**PEER, "HTTP_X_FORWARDED_PROTO": "https"},
        # a proxy that adds nothing, at this machine
        {**PEER, "REMOTE_ADDR": "127.0.0.1"},
        {**PEER, "REMOTE_ADDR": "::1", "HTTP_HOST": "odoo.acme.example.com:8069"},
        {},
    ],
)
def test_a_proxy_nobody_told_odoo_to_trust(environ):
    assert networks.get_client_address(environ) == ""


def test_an_ipv4_address_in_its_ipv6_form():
    assert networks.contain(networks.parse("192.0.2.0/24"), "::ffff:192.0.2.1")
    assert not networks.contain(networks.parse("192.0.2.0/24"), "::ffff:192.0.3.1")


@pytest.mark.parametrize(
    "ip, truncated",
    [
        ("192.0.2.77", "192.0.2.0"),
        ("192.0.2.0", "192.0.2.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.77", "192.0.2.0"),
        ("::ffff:c000:24d", "192.0.2.0"),
        ("::1", "::"),
        ("", ""),
        ("x", ""),
        ("192.0.2.77:80", ""),
    ],
)
def test_truncated(ip, truncated):
    assert networks.truncate(ip) == truncated


@given(st.ip_addresses())
def test_truncated_it_is_in_the_same_network_and_says_no_more(address):
    truncated = ipaddress.ip_address(networks.truncate(str(address)))
    address = getattr(address, "ipv4_mapped", None) or address
    prefix, dropped = (24, 8) if address.version == 4 else (48, 80)
    assert truncated.version == address.version
    assert int(truncated) % 2**dropped == 0
    assert address in ipaddress.ip_network((truncated, prefix))
    assert networks.truncate(str(truncated)) == str(truncated)


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6, network="2000::/3"), st.data())
def test_neighbours_cannot_be_told_apart(address, data):
    prefix = 24 if address.version == 4 else 48
    network = ipaddress.ip_network((address, prefix), strict=False)
    size = network.num_addresses
    neighbour = network[data.draw(st.integers(0, size - 1))]
    other = (
        network[0] + size if int(network[-1]) + 1 < 2**network.max_prefixlen else None
    )
    assert networks.truncate(str(neighbour)) == networks.truncate(str(address))
    if other is not None:
        assert networks.truncate(str(other)) != networks.truncate(str(address))


@pytest.mark.parametrize(
    "ip, subscriber",
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_a_subscriber_has_a_whole_ipv6_network(ip, subscriber):
    assert networks.get_subscriber(ip) == subscriber


@given(st.ip_addresses(v=6), st.ip_addresses(v=6))
def test_addresses_of_one_ipv6_network_are_one_subscriber(address, other):
    mapped = address.ipv4_mapped or other.ipv4_mapped
    same = int(address) >> 64 == int(other) >> 64
    if not mapped:
        assert (
            networks.get_subscriber(str(address)) == networks.get_subscriber(str(other))
        ) == same
