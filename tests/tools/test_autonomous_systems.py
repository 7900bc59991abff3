"""tools/autonomous_systems: find the autonomous system of an address."""

import logging
import os
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from odoo.addons.pipeline_tracking.tools import autonomous_systems
from odoo.addons.pipeline_tracking.tools.autonomous_systems import find_number, get_path

SYSTEMS = {"192.0.2.0/24": 64496, "198.51.100.0/25": 64497, "2001:db8::/32": 64498}


@pytest.fixture
def path(tmp_path):
    return get_path(tmp_path)


@pytest.fixture
def warnings(caplog):
    """Capture the addon's warnings."""
    with caplog.at_level(logging.WARNING, logger="odoo.addons.pipeline_tracking"):
        yield caplog


def write(path, systems, *, database_type="GeoLite2-ASN", ip_version=6):
    """Replace a database, as `geoipupdate` does: write a file, then rename it."""
    writer = MMDBWriter(ip_version, database_type, ipv4_compatible=ip_version == 6)
    for network, number in systems.items():
        writer.insert_network(
            IPSet([network]),
            {"autonomous_system_number": number, "autonomous_system_organization": "x"},
        )
    writer.to_db_file(f"{path}.new")
    os.replace(f"{path}.new", path)


def test_path_is_in_the_folder(tmp_path):
    assert get_path(str(tmp_path)) == str(tmp_path / "GeoLite2-ASN.mmdb")


@pytest.mark.parametrize(
    "ip, number",
    [
        ("192.0.2.0", 64496),
        ("192.0.2.255", 64496),
        ("::ffff:192.0.2.1", 64496),
        ("198.51.100.127", 64497),
        ("2001:db8:1::1", 64498),
        ("2001:db8:1::1%eth0", 64498),
        # next to the networks, and elsewhere
        ("192.0.3.0", None),
        ("198.51.100.128", None),
        ("2001:db9::", None),
        ("127.0.0.1", None),
        # no address
        ("", None),
        ("x", None),
        ("192.0.2.1:80", None),
        ("192.0.2.0/24", None),
        (None, None),
        (False, None),
    ],
)
def test_find_number(path, ip, number, warnings):
    write(path, SYSTEMS)
    assert find_number(path, ip) == number
    assert not warnings.records


def test_missing_file_is_no_error(path, tmp_path, warnings):
    for missing in (path, str(tmp_path / "no" / "folder"), os.devnull + "/x", ""):
        for _time in range(3):
            assert find_number(missing, "192.0.2.1") is None
    assert not warnings.records


def test_odoo_without_the_package(path, monkeypatch, warnings):
    write(path, SYSTEMS)
    monkeypatch.setattr(autonomous_systems, "maxminddb", None)
    assert find_number(path, "192.0.2.1") is None
    assert not warnings.records


def test_reader_is_opened_once(path, monkeypatch):
    write(path, SYSTEMS)
    opened = []
    open_database = autonomous_systems.maxminddb.open_database
    monkeypatch.setattr(
        autonomous_systems.maxminddb,
        "open_database",
        lambda path, mode: opened.append(path) or open_database(path, mode),
    )
    for _time in range(5):
        assert find_number(path, "192.0.2.1") == 64496
    assert opened == [path]


def test_file_is_replaced_removed_and_added(path, tmp_path):
    other = str(tmp_path / "other.mmdb")
    write(other, {"192.0.2.0/24": 64511})
    write(path, SYSTEMS)
    assert find_number(path, "192.0.2.1") == 64496
    write(path, {"192.0.2.0/24": 64499})
    assert find_number(path, "192.0.2.1") == 64499
    os.remove(path)
    assert find_number(path, "192.0.2.1") is None
    write(path, SYSTEMS)
    assert find_number(path, "192.0.2.1") == 64496
    assert find_number(other, "192.0.2.1") == 64511


def test_only_the_time_of_the_file_changes(path):
    """A copy with the same size in the same place is noticed by its time."""
    write(path, SYSTEMS)
    assert find_number(path, "192.0.2.1") == 64496
    reader = autonomous_systems._databases[path].reader
    os.utime(path, ns=(1, 1))
    assert find_number(path, "192.0.2.1") == 64496
    assert autonomous_systems._databases[path].reader is not reader


@pytest.mark.parametrize("content", [b"", b"no database", b"\0" * 5000])
def test_damaged_file_is_logged_once(path, content, warnings):
    with open(path, "wb") as file:
        file.write(content)
    for _time in range(5):
        assert find_number(path, "192.0.2.1") is None
    os.utime(path, ns=(1, 1))
    assert find_number(path, "192.0.2.1") is None
    [record] = warnings.records
    assert record.levelname == "WARNING"
    assert path in record.getMessage()
    # The database works as soon as the file is correct.
    write(path, SYSTEMS)
    assert find_number(path, "192.0.2.1") == 64496
    # A new damage is logged again.
    with open(f"{path}.new", "wb") as file:
        file.write(content)
    os.replace(f"{path}.new", path)
    assert find_number(path, "192.0.2.1") is None
    assert len(warnings.records) == 2


@pytest.mark.parametrize("database_type", ["GeoLite2-City", "GeoLite2-Country", ""])
def test_database_of_another_type_is_logged_once(path, database_type, warnings):
    write(path, SYSTEMS, database_type=database_type)
    for _time in range(3):
        assert find_number(path, "192.0.2.1") is None
    [record] = warnings.records
    assert "GeoLite2-ASN" in record.getMessage()


def test_folder_instead_of_a_file(path, warnings):
    os.mkdir(path)
    for _time in range(3):
        assert find_number(path, "192.0.2.1") is None
    assert len(warnings.records) == 1


def test_ipv4_database_knows_no_ipv6(path, warnings):
    write(path, {"192.0.2.0/24": 64496}, ip_version=4)
    assert find_number(path, "2001:db8::1") is None
    assert find_number(path, "192.0.2.1") == 64496
    assert not warnings.records


@pytest.mark.parametrize("number", ["AS64496", {"number": 1}, [64496], -1.5])
def test_values_of_another_type_are_not_numbers(path, number):
    write(path, {"192.0.2.0/24": number})
    assert find_number(path, "192.0.2.1") is None


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 255)), max_size=8),
    length=st.integers(0, 10**4),
    ip=st.sampled_from(("192.0.2.1", "198.51.100.7", "2001:db8::1", "8.8.8.8")),
)
def test_any_damage_is_survived(path, changes, length, ip):
    """The reader in C would end the process for some of these files."""
    write(path, SYSTEMS)
    with open(path, "rb") as file:
        content = bytearray(file.read())
    for position, value in changes:
        # Most changes hit the records and the metadata, which follow the search tree.
        content[-1 - position % len(content)] = value
    with open(f"{path}.new", "wb") as file:
        file.write(content[: length or None])
    os.replace(f"{path}.new", path)
    number = find_number(path, ip)
    assert number is None or isinstance(number, int)
    os.remove(path)
    assert find_number(path, ip) is None


def test_file_that_becomes_shorter_is_survived(path, warnings):
    """`cp` writes into the file that is open."""
    write(path, {f"11.{number}.0.0/16": number for number in range(1, 200)})
    assert find_number(path, "11.7.0.1") == 7
    with open(path, "r+b") as file:
        file.truncate(100)
    assert find_number(path, "11.7.0.1") is None
    assert len(warnings.records) == 1


def test_threads_share_the_reader_while_the_file_changes(path, warnings):
    write(path, SYSTEMS)
    results, stop = set(), threading.Event()

    def search():
        while not stop.is_set():
            results.add(find_number(path, "192.0.2.1"))

    threads = [threading.Thread(target=search) for _number in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 30):
        write(path, {"192.0.2.0/24": number})
    stop.set()
    for thread in threads:
        thread.join()
    assert results <= {64496, *range(1, 30)}
    assert not warnings.records
