"""tools/networks: parse and compare networks, and find the address of a client."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import networks


def test_parse():
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
def test_parse_invalid_networks(text):
    with pytest.raises(ValueError, match=text.split()[-1]):
        networks.parse(text)


@pytest.mark.parametrize("ip", ["", "x", "192.0.2.1:80", "192.0.2.256", "fe80::%"])
def test_invalid_address_is_in_no_network(ip):
    assert not networks.is_address(ip)
    assert not networks.contain(networks.parse("0.0.0.0/1 ::/1"), ip)


@given(st.ip_addresses(), st.integers(1, 32))
def test_address_is_only_in_its_network(address, length):
    network = ipaddress.ip_network((address, length), strict=False)
    ip = str(address)
    parsed = networks.parse(f"{ip}/{length}")
    mapped = getattr(address, "ipv4_mapped", None)
    assert networks.contain(parsed, ip) or mapped
    assert not networks.contain((), ip)
    outside = str(network.network_address - 1 if int(network[0]) else network[-1] + 1)
    if not getattr(ipaddress.ip_address(outside), "ipv4_mapped", None):
        assert not networks.contain(parsed, outside)


PEER = {"REMOTE_ADDR": "192.0.2.1", "HTTP_HOST": "odoo.acme.example.com"}


@pytest.mark.parametrize(
    "environ, ip",
    [
        (PEER, "192.0.2.1"),
        # The headers of a trusted proxy were applied.
        ({**PEER, "HTTP_X_FORWARDED_FOR": "x", "werkzeug.proxy_fix.orig": {}}, PEER),
        ({**PEER, "REMOTE_ADDR": "127.0.0.1", "werkzeug.proxy_fix.orig": {}}, None),
        # The client is on this machine, as in development.
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8069"}, "127.0.0.1"),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8069"}, "127.0.0.1"),
        ({"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8069"}, "::1"),
        ({"REMOTE_ADDR": "127.0.0.1"}, "127.0.0.1"),
        # The client is in the office.
        ({**PEER, "REMOTE_ADDR": "10.0.0.7"}, "10.0.0.7"),
    ],
)
def test_client_address(environ, ip):
    expected = ip if isinstance(ip, str) else environ["REMOTE_ADDR"]
    assert networks.get_client_address(environ) == expected


@pytest.mark.parametrize(
    "environ",
    [
        {**PEER, "HTTP_X_FORWARDED_FOR": "203.0.113.7"},
        {**PEER, "HTTP_X_REAL_IP": "203.0.113.7"},
        {**PEER, "HTTP_FORWARDED": "for=203.0.113.7"},
        {**PEER, "HTTP_X_FORWARDED_PROTO": "https"},
        # A proxy on this machine that adds no header.
        {**PEER, "REMOTE_ADDR": "127.0.0.1"},
        {**PEER, "REMOTE_ADDR": "::1", "HTTP_HOST": "odoo.acme.example.com:8069"},
        {},
    ],
)
def test_client_address_behind_an_untrusted_proxy(environ):
    assert networks.get_client_address(environ) == ""


def test_ipv4_address_in_ipv6_form():
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
def test_truncate(ip, truncated):
    assert networks.truncate(ip) == truncated


@given(st.ip_addresses())
def test_truncated_address_keeps_only_the_network(address):
    truncated = ipaddress.ip_address(networks.truncate(str(address)))
    address = getattr(address, "ipv4_mapped", None) or address
    prefix, dropped = (24, 8) if address.version == 4 else (48, 80)
    assert truncated.version == address.version
    assert int(truncated) % 2**dropped == 0
    assert address in ipaddress.ip_network((truncated, prefix))
    assert networks.truncate(str(truncated)) == str(truncated)


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6, network="2000::/3"), st.data())
def test_addresses_of_a_network_have_the_same_truncated_address(address, data):
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
def test_get_subscriber(ip, subscriber):
    assert networks.get_subscriber(ip) == subscriber


@given(st.ip_addresses(v=6), st.ip_addresses(v=6))
def test_ipv6_network_is_one_subscriber(address, other):
    mapped = address.ipv4_mapped or other.ipv4_mapped
    same = int(address) >> 64 == int(other) >> 64
    if not mapped:
        assert (
            networks.get_subscriber(str(address)) == networks.get_subscriber(str(other))
        ) == same
