"""tools/networks: an address is in a network, or in none."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import networks


def test_as_people_write_them():
    text = "192.0.2.0/24, 198.51.100.7\n\t2001:db8::/48;203.0.113.9/24"
    assert [str(network) for network in networks.read(text)] == [
        "192.0.2.0/24",
        "198.51.100.7/32",
        "2001:db8::/48",
        "203.0.113.0/24",
    ]
    assert networks.read("") == networks.read(None) == networks.read(" \n") == ()


@pytest.mark.parametrize(
    "text", ["x", "192.0.2.0/33", "192.0.2", "192.0.2.0/24 office"]
)
def test_what_is_none(text):
    with pytest.raises(ValueError, match=text.split()[-1]):
        networks.read(text)


@pytest.mark.parametrize("ip", ["", "x", "192.0.2.1:80", "192.0.2.256", "fe80::%"])
def test_what_is_no_address_is_nowhere(ip):
    assert not networks.is_address(ip)
    assert not networks.contain(networks.read("0.0.0.0/0 ::/0"), ip)


@given(st.ip_addresses(), st.integers(0, 32))
def test_in_its_own_network_and_in_no_other(address, length):
    network = ipaddress.ip_network((address, length), strict=False)
    ip = str(address)
    own = networks.read(f"{ip}/{length}")
    mapped = getattr(address, "ipv4_mapped", None)
    assert networks.contain(own, ip) or mapped
    assert not networks.contain((), ip)
    if network.prefixlen:
        outside = str(
            network.network_address - 1 if int(network[0]) else network[-1] + 1
        )
        if not getattr(ipaddress.ip_address(outside), "ipv4_mapped", None):
            assert not networks.contain(own, outside)


def test_an_ipv4_address_in_its_ipv6_form():
    assert networks.contain(networks.read("192.0.2.0/24"), "::ffff:192.0.2.1")
    assert not networks.contain(networks.read("192.0.2.0/24"), "::ffff:192.0.3.1")
