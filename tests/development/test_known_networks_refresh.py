"""`make networks` replaces a vendor's networks by the vendor's own list."""

import csv
import ipaddress
import json

import pytest
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev.commands import COMMANDS
from dev.networks import addon_list
from dev.networks import command as refresh
from dev.setup.console import Problem

BARRACUDA = "Barracuda Email Gateway Defense"


@pytest.fixture
def today():
    """Stop the clock, so that the day does not end during the test. Return the day."""
    day = "2026-11-30"
    with freeze_time(day):
        yield day


@pytest.fixture
def file(tmp_path):
    """Copy the addon's list."""
    copy = tmp_path / "known_networks.csv"
    copy.write_bytes(addon_list.known_networks.FILE.read_bytes())
    return copy


@pytest.fixture
def source(tmp_path):
    """Return a function that writes a vendor's list, and returns its name."""

    def write(content, name="source"):
        path = tmp_path / name
        if not isinstance(content, str):
            content = json.dumps(content)
        path.write_text(content)
        return str(path)

    return write


def read(file, vendor):
    """Read the rows of a vendor as texts."""
    with file.open(newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["vendor"] == vendor]


def networks_of(file, vendor):
    return [row["network"] for row in read(file, vendor)]


def google(networks, **values):
    """Build a list in the format of Google."""
    prefixes = [
        {"ipv6Prefix" if ":" in network else "ipv4Prefix": network}
        for network in networks
    ]
    return {
        "creationTime": "2026-11-20T14:46:07.000000",
        "prefixes": prefixes,
        **values,
    }


def microsoft(networks):
    """Build a list in the format of Microsoft."""
    return [
        {"id": 1, "serviceArea": "Exchange", "ips": ["40.96.0.0/13"]},
        {
            "id": 2,
            "serviceArea": "Exchange",
            "urls": ["autodiscover.*.onmicrosoft.com"],
        },
        {"id": 9, "serviceArea": "Exchange", "ips": networks},
        {"id": 10, "serviceArea": "Exchange", "ips": networks[:1]},
        {"id": 9, "serviceArea": "Skype", "ips": ["52.112.0.0/14"]},
    ]


def azure(networks, **values):
    """Build service tags in the format of Microsoft."""

    def tag(name, prefixes):
        return {"name": name, "id": name, "properties": {"addressPrefixes": prefixes}}

    return {
        "changeNumber": 400,
        "cloud": "Public",
        "values": [
            tag("AzureActiveDirectory", ["11.1.0.0/16"]),
            tag("AzureCloud.westeurope", ["11.2.0.0/16"]),
            tag("AzureCloud", networks),
        ],
        **values,
    }


def assert_refused(file, args, message):
    """Check that a refresh is refused, and changes nothing."""
    before = file.read_bytes()
    with pytest.raises(Problem, match=message):
        refresh.main(args, file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.glob("*.new")] == []


def test_command_exists():
    assert COMMANDS["networks"] == "dev.networks.command.main"


# ----------------------------------------------------------------
# The formats of the vendors
# ----------------------------------------------------------------


def test_google(file, source, capsys):
    old = networks_of(file, refresh.GOOGLE)
    # Google splits its networks, and the order is another.
    split = [
        str(part)
        for network in old
        for part in ipaddress.ip_network(network).subnets(1)
    ]
    content = google([*split[::-1], "108.177.3.0/24"])
    refresh.main(["--google", source(content)], file)
    rows = read(file, refresh.GOOGLE)
    merged = {"108.177.2.0/24": "108.177.2.0/23"}
    assert [row["network"] for row in rows] == [merged.get(text, text) for text in old]
    assert {row["date"] for row in rows} == {"2026-11-20"}
    assert {(row["scope"], row["certainty"]) for row in rows} == {("any", "proof")}
    assert capsys.readouterr().err == (
        "Google special crawlers: 46 networks (1 new, 1 removed).\n"
    )


def test_google_without_a_time(file, source, today):
    content = google(networks_of(file, refresh.GOOGLE), creationTime="x")
    refresh.main(["--google", source(content)], file)
    assert {row["date"] for row in read(file, refresh.GOOGLE)} == {today}


def test_microsoft(file, source, today):
    old = networks_of(file, refresh.MICROSOFT)
    other = addon_list.known_networks.read(file)
    content = microsoft([*old, "2a01:111:f404::/48"])
    refresh.main(["--microsoft", source(content)], file)
    assert networks_of(file, refresh.MICROSOFT) == [*old, "2a01:111:f404::/48"]
    assert {row["date"] for row in read(file, refresh.MICROSOFT)} == {today}
    # The rows of other vendors are the same.
    same = [row for row in other if row.vendor != refresh.MICROSOFT]
    rows = addon_list.known_networks.read(file)
    assert [row for row in rows if row.vendor != refresh.MICROSOFT] == same


def test_azure_adds_the_networks_that_the_list_lacks(file, source, capsys):
    old = networks_of(file, refresh.AZURE)
    content = azure(["20.42.0.0/24", "11.6.0.0/17", "11.6.128.0/17", "2400:6::/48"])
    name = "ServiceTags_Public_20261123.json"
    refresh.main(["--azure", source(content, name)], file)
    new = networks_of(file, refresh.AZURE)
    assert set(new) - set(old) == {"11.6.0.0/16", "2400:6::/48"}
    assert set(old) < set(new)
    networks = [row for row in read(file, refresh.AZURE) if row["network"][:2] != "AS"]
    assert {(row["scope"], row["certainty"]) for row in networks} == {("links", "sign")}
    assert {row["date"] for row in networks} == {"2026-11-23"}
    assert "2 new, 0 removed" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["azure.json", "ServiceTags_Public_20269999.json"])
def test_azure_without_a_day(file, source, name, today):
    refresh.main(["--azure", source(azure(["20.42.0.0/24"]), name)], file)
    rows = [row for row in read(file, refresh.AZURE) if row["network"][:2] != "AS"]
    assert {row["date"] for row in rows} == {today}


def test_google_cloud(file, source):
    old = networks_of(file, refresh.GOOGLE_CLOUD)
    networks = [network for network in old if network[:2] != "AS"]
    special = read(file, refresh.GOOGLE)
    content = google([*networks, "11.6.0.0/16"])
    refresh.main(["--google-cloud", source(content)], file)
    assert set(networks_of(file, refresh.GOOGLE_CLOUD)) == {*old, "11.6.0.0/16"}
    assert read(file, refresh.GOOGLE) == special


@pytest.mark.parametrize("separator", [",", ";", " ", "\t", ", "])
def test_list(file, source, separator):
    old = networks_of(file, BARRACUDA)
    lines = [f"{network}{separator}a region" for network in old]
    text = "\n".join(["\ufeffIP range, region", "# comment", "", *lines, "", "# end"])
    args = ["--list", source(text), "--vendor", BARRACUDA, "--date", "2026-11-01"]
    before = read(file, BARRACUDA)
    refresh.main(args, file)
    assert read(file, BARRACUDA) == [{**row, "date": "2026-11-01"} for row in before]


def test_list_without_a_header_keeps_the_first_network(file, source):
    old = networks_of(file, BARRACUDA)
    refresh.main(["--list", source("\n".join(old)), "--vendor", BARRACUDA], file)
    assert networks_of(file, BARRACUDA) == old


def test_a_single_address_is_a_network(file, source):
    old = networks_of(file, BARRACUDA)
    text = "\n".join([*old, "8.8.8.8"])
    refresh.main(["--list", source(text), "--vendor", BARRACUDA], file)
    assert networks_of(file, BARRACUDA)[1] == "8.8.8.8/32"


def test_autonomous_systems_of_the_vendor_stay(file, source):
    args = ["--list", source("67.231.144.0/20\n185.132.180.0/22\n")]
    refresh.main([*args, "--vendor", "Proofpoint", "--force"], file)
    assert networks_of(file, "Proofpoint") == [
        *("67.231.144.0/20", "185.132.180.0/22", "AS22843", "AS26211", "AS52129")
    ]


def test_a_new_vendor(file, source, today):
    args = ["--list", source("11.8.8.0/24"), "--vendor", "Acme"]
    facts = ["--scope", "links", "--certainty", "sign", "--source", "https://acme.test"]
    assert_refused(file, args, r"scope of the vendor \"Acme\".*--scope.*Mimecast")
    assert_refused(file, [*args, *facts[:4]], "--source")
    refresh.main([*args, *facts], file)
    assert read(file, "Acme") == [
        {
            **{"network": "11.8.8.0/24", "vendor": "Acme", "scope": "links"},
            **{"certainty": "sign", "source": "https://acme.test", "date": today},
        }
    ]
    refresh.main([*args, "--scope", "any"], file)
    [row] = read(file, "Acme")
    assert (row["scope"], row["certainty"]) == ("any", "sign")


def test_several_vendors_at_once(file, source, today):
    lists = {
        "--google": source(google(networks_of(file, refresh.GOOGLE)), "google"),
        "--microsoft": source(microsoft(networks_of(file, refresh.MICROSOFT)), "ms"),
        "--list": source("\n".join(networks_of(file, BARRACUDA)), "barracuda"),
    }
    args = [word for pair in lists.items() for word in pair]
    refresh.main([*args, "--vendor", BARRACUDA], file)
    assert {row["date"] for row in read(file, refresh.GOOGLE)} == {"2026-11-20"}
    assert {row["date"] for row in read(file, BARRACUDA)} == {today}
    # One wrong file stops all of them.
    source("nothing", "ms")
    assert_refused(file, args[:4], "JSON")


def test_a_second_refresh_changes_nothing(file, source):
    args = ["--google", source(google(networks_of(file, refresh.GOOGLE)))]
    refresh.main(args, file)
    before = file.read_bytes()
    refresh.main(args, file)
    assert file.read_bytes() == before


# ----------------------------------------------------------------
# Files that are wrong
# ----------------------------------------------------------------


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "no network"),
        ("# nothing\n\n", "no network"),
        ("<html>\n", "no network"),
        ("<html>\n<body>\n", "<body>"),
        ("8.8.8.0/33\n8.8.9.0/24\n", "8.8.8.0/33"),
        ("8.8.8.0/24\n8.8.9.0\\24\n", "8.8.9.0"),
        ("8.8.8.1/24\n8.8.9.1/24\n", "host bits"),
        ("8.8.8.0/33\n8.8.8.0/33\n", "8.8.8.0/33"),
        ("0.0.0.0/0\n", "too wide"),
        ("::/0\n", "too wide"),
        # two halves of all addresses, and a wide network in parts
        ("0.0.0.0/1\n128.0.0.0/1\n", "too wide"),
        ("2000::/4\n3000::/4\n", "too wide"),
        ("8.0.0.0/8\n9.0.0.0/8\n", "too wide"),
        ("10.1.0.0/16\n", "not a public network"),
        ("192.168.1.1\n", "not a public network"),
        ("172.20.0.0/16\n", "not a public network"),
        ("172.0.0.0/8\n", "not a public network"),
        ("100.64.0.0/24\n", "not a public network"),
        ("127.0.0.1\n", "not a public network"),
        ("169.254.169.254\n", "not a public network"),
        ("192.0.2.0/24\n", "not a public network"),
        ("224.0.0.1\n", "not a public network"),
        ("fd00::/64\n", "not a public network"),
        ("fe80::/64\n", "not a public network"),
        ("::1\n", "not a public network"),
        ("::ffff:8.8.8.8\n", "not a public network"),
        ("2001:db8::/48\n", "not a public network"),
    ],
)
def test_wrong_lists(file, source, text, message):
    args = ["--list", source(text), "--vendor", BARRACUDA, "--force"]
    assert_refused(file, args, message)
    # The same text among correct networks is wrong, too.
    if "no network" not in message and "<" not in message:
        correct = "\n".join(networks_of(file, BARRACUDA))
        args[1] = source(f"{correct}\n{text}")
        assert_refused(file, args, message)


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "JSON"),
        ("{", "JSON"),
        ([], "another kind"),
        ({}, "prefixes"),
        ({"prefixes": {}}, "prefixes"),
        ({"prefixes": []}, "no network"),
        ({"prefixes": [{}]}, "without a network"),
        ({"prefixes": ["66.249.87.0/24"]}, "without a network"),
        (google(["66.249.87.0/24", "x"]), "'x'"),
        (google(["10.0.0.0/24"]), "not a public network"),
    ],
)
def test_wrong_lists_of_google(file, source, content, message):
    assert_refused(file, ["--google", source(content), "--force"], message)


@pytest.mark.parametrize(
    "content, message",
    [
        ("no JSON", "JSON"),
        ({}, "another kind"),
        ([], r"sets \[9, 10\]"),
        (["x"], r"sets \[9, 10\]"),
        (microsoft(["40.92.0.0/15"])[:3], r"sets \[10\]"),
        (microsoft(["40.92.0.0/15"])[3:], r"sets \[9\]"),
        (microsoft([]), "no network"),
        (microsoft(["x"]), "'x'"),
    ],
)
def test_wrong_lists_of_microsoft(file, source, content, message):
    assert_refused(file, ["--microsoft", source(content), "--force"], message)


@pytest.mark.parametrize(
    "content, message",
    [
        ("no JSON", "JSON"),
        ([], "another kind"),
        ({}, "tag AzureCloud"),
        ({"values": {}}, "tag AzureCloud"),
        ({"values": ["x", {}]}, "tag AzureCloud"),
        ({"values": [{"name": "AzureCloud"}]}, "tag AzureCloud"),
        ({"values": [{"name": "AzureCloud", "properties": {}}]}, "tag AzureCloud"),
        (azure([]), "tag AzureCloud"),
        (azure(["20.42.0.0/24", "x"]), "'x'"),
        (azure(["20.42.0.1/24"]), "host bits"),
        (azure(["10.0.0.0/24"]), "not a public network"),
        (azure(["8.0.0.0/7"]), "too wide"),
        (azure(["2400::/15"]), "too wide"),
    ],
)
def test_wrong_service_tags(file, source, content, message):
    assert_refused(file, ["--azure", source(content), "--force"], message)


def test_missing_file(file, tmp_path):
    missing = str(tmp_path / "missing")
    assert_refused(file, ["--google", missing], "missing")
    assert_refused(file, ["--list", missing, "--vendor", BARRACUDA], "missing")


def test_half_of_the_networks_can_be_dropped(file, source):
    old = networks_of(file, BARRACUDA)
    half = len(old) // 2
    args = ["--list", source("\n".join(old[: half - 1])), "--vendor", BARRACUDA]
    assert_refused(file, args, "lacks 6 of the 10 networks of Barracuda.*--force")
    refresh.main([*args, "--force"], file)
    assert networks_of(file, BARRACUDA) == old[: half - 1]


def test_a_wider_network_drops_no_network(file, source):
    old = networks_of(file, BARRACUDA)
    wider = [ipaddress.ip_network(network).supernet(2) for network in old]
    text = "\n".join(str(network) for network in wider)
    refresh.main(["--list", source(text), "--vendor", BARRACUDA], file)
    assert not set(networks_of(file, BARRACUDA)) & set(old)


def test_sign_and_proof_cannot_overlap(file, source):
    facts = [
        "--scope",
        "any",
        "--certainty",
        "sign",
        "--source",
        "x",
        "--vendor",
        "Acme",
    ]
    args = ["--list", source("40.92.7.0/24"), *facts]
    assert_refused(
        file, args, "40.92.7.0/24 .Acme. and 40.92.0.0/15 .Microsoft.* overlap"
    )


def test_a_proof_can_be_inside_a_sign(file, source):
    facts = ["--scope", "any", "--certainty", "proof", "--source", "x"]
    refresh.main(["--list", source("52.160.7.0/24"), "--vendor", "Acme", *facts], file)
    assert networks_of(file, "Acme") == ["52.160.7.0/24"]
    # The mail filter is in the tag, too. It stays a proof.
    filters = read(file, refresh.MICROSOFT)
    refresh.main(["--azure", source(azure(["40.92.0.0/16", "104.47.0.0/17"]))], file)
    assert read(file, refresh.MICROSOFT) == filters
    addon_list.check(addon_list.known_networks.read(file))


def test_a_network_has_one_vendor(file, source):
    facts = [
        *("--scope", "any", "--certainty", "proof", "--source", "x"),
        *("--vendor", "Acme"),
    ]
    assert_refused(file, ["--list", source("40.92.0.0/15"), *facts], "twice")


def test_damaged_list_of_the_addon(file, source):
    old = networks_of(file, refresh.GOOGLE)
    file.write_text(file.read_text().replace(",proof,", ",certain,", 1))
    assert_refused(file, ["--google", source(google(old))], "line 2.*certain")


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["--force"],
        ["--list", "x"],
        ["--vendor", "x"],
        ["--google", "x", "--vendor", "x"],
        ["--google", "x", "--date", "30.11.2026"],
        ["--list", "x", "--vendor", "x", "--certainty", "maybe"],
    ],
)
def test_wrong_arguments(file, args, capsys):
    before = file.read_bytes()
    with pytest.raises(SystemExit):
        refresh.main(args, file)
    assert file.read_bytes() == before
    assert "make networks" in capsys.readouterr().err


# ----------------------------------------------------------------
# Any networks
# ----------------------------------------------------------------

# Public networks that contain no row of the addon's list
PUBLIC = st.builds(
    lambda address, length: ipaddress.ip_network((address, length), strict=False),
    st.ip_addresses(network="11.0.0.0/8") | st.ip_addresses(network="2400::/16"),
    st.integers(16, 32),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(networks=st.lists(PUBLIC, min_size=1, max_size=20), addresses=st.data())
def test_merged_networks_have_the_same_addresses(file, source, networks, addresses):
    text = "\n".join(str(network) for network in networks)
    facts = ["--scope", "any", "--certainty", "proof", "--source", "x"]
    refresh.main(["--list", source(text), "--vendor", "Acme", *facts, "--force"], file)
    written = [ipaddress.ip_network(text) for text in networks_of(file, "Acme")]
    assert len(written) <= len(set(networks))
    keys = [(network.version, network.network_address) for network in written]
    assert [str(key) for key in keys] == [str(key) for key in sorted(keys)]
    for network in networks:
        position = addresses.draw(st.integers(0, network.num_addresses - 1))
        assert sum(network[position] in other for other in written) == 1
    for network in written:
        position = addresses.draw(st.integers(0, network.num_addresses - 1))
        assert any(network[position] in other for other in networks)
