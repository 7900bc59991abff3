"""tools/classify: machines are detected, and people are never taken for machines.

Each test also classifies a person, so that a rule that catches everything fails.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import classify as module
from odoo.addons.pipeline_tracking.tools import (
    known_networks,
    networks,
    user_agent_rules,
)
from odoo.addons.pipeline_tracking.tools.actors import (
    CLICK,
    DOWNLOAD,
    INTERNAL,
    MACHINE,
    OPEN,
    RECIPIENT,
    UNKNOWN,
)
from odoo.addons.pipeline_tracking.tools.classify import classify, find_signs

from ..helpers.user_agents import (
    APPLE_MPP,
    BARRACUDA,
    BING_PREVIEWS,
    BROWSERS,
    CHROME,
    CRAWLERS,
    GMAIL_PREFETCH,
    GMAIL_PROXY,
    OTHER_PROXIES,
    OUTLOOK,
    YAHOO_PROXY,
)

KINDS = (OPEN, CLICK, DOWNLOAD)
LINKS = (CLICK, DOWNLOAD)
DAY = date(2026, 11, 30)
PERSON = (RECIPIENT, "direct")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("user_agent", BROWSERS)
def test_browsers_are_people(kind, user_agent):
    assert classify(kind, user_agent=user_agent) == PERSON


# ------------------------------------------------------------
# Opens: each row of docs/field.md#opens
# ------------------------------------------------------------


@pytest.mark.parametrize(
    "user_agent, classification",
    [
        (GMAIL_PROXY, (RECIPIENT, "gmail-proxy")),
        (GMAIL_PREFETCH, (MACHINE, "gmail-prefetch")),
        (APPLE_MPP, (UNKNOWN, "apple-mpp")),
        (YAHOO_PROXY, (RECIPIENT, "yahoo-proxy")),
        *((proxy, (RECIPIENT, "image-proxy")) for proxy in OTHER_PROXIES),
        ("", (MACHINE, "no-user-agent")),
        ("  ", (MACHINE, "no-user-agent")),
    ],
)
def test_open_rules(user_agent, classification):
    assert classify(OPEN, user_agent=user_agent) == classification
    # Similar user agents are people.
    assert classify(OPEN, user_agent=CHROME) == PERSON
    assert classify(OPEN, user_agent=f"{CHROME} Mozilla/5.0") == PERSON


def test_gmail_proxy_is_a_person_from_any_address():
    """The list of crawlers alone would classify it as a machine (mautic#16069)."""
    for ip in ("66.249.84.222", "66.249.87.12", "", "192.0.2.1"):
        assert classify(OPEN, user_agent=GMAIL_PROXY, ip=ip).actor == RECIPIENT
    assert "gmail-proxy" in module.PROXIED


def test_microsoft_networks_are_not_a_sign_of_a_machine():
    """Microsoft's networks load images for people who use Outlook on the web."""
    for ip in ("40.94.89.10", "52.96.1.1", "13.107.6.152"):
        assert classify(OPEN, user_agent=CHROME, ip=ip) == PERSON
        assert not find_signs(OPEN, user_agent=CHROME, ip=ip)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "purpose", ["prefetch", "prefetch;prerender", "Preview", "x PRERENDER"]
)
def test_prefetch(kind, purpose):
    for user_agent in (CHROME, OUTLOOK):
        assert classify(kind, user_agent=user_agent, purpose=purpose) == (
            MACHINE,
            "prefetch",
        )
    assert classify(kind, user_agent=CHROME, purpose="other") == PERSON
    assert classify(kind, user_agent=CHROME, purpose="") == PERSON


# ------------------------------------------------------------
# Links: each row of docs/field.md#clicks
# ------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_head_is_a_machine_with_any_user_agent(kind):
    for user_agent in (*BROWSERS, OUTLOOK, GMAIL_PROXY):
        assert classify(kind, method="HEAD", user_agent=user_agent) == (MACHINE, "head")
        assert classify(kind, user_agent=user_agent).actor != MACHINE or (
            kind != OPEN and user_agent == GMAIL_PROXY
        )


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize(
    "user_agent, reason",
    [
        *((user_agent, "bing-preview") for user_agent in BING_PREVIEWS),
        (BARRACUDA, "barracuda"),
        *((user_agent, "crawler") for user_agent in CRAWLERS),
    ],
)
def test_scanners_that_name_themselves(kind, user_agent, reason):
    assert classify(kind, user_agent=user_agent) == (MACHINE, reason)
    assert classify(kind, user_agent=CHROME) == PERSON


@pytest.mark.parametrize("user_agent", [*BING_PREVIEWS, BARRACUDA, *CRAWLERS])
def test_scanners_that_load_images(user_agent):
    assert classify(OPEN, user_agent=user_agent) == (MACHINE, "crawler")
    assert classify(OPEN, user_agent=CHROME) == PERSON


@pytest.mark.parametrize("kind", KINDS)
def test_networks_of_scanners(kind):
    for ip in (
        *("66.249.87.12", "192.178.17.31", "2001:4860:4801:2008::1"),  # Google
        *("104.47.11.254", "2a01:111:f400::7"),  # Exchange Online Protection
        "209.222.82.7",  # Barracuda
    ):
        for user_agent in (CHROME, OUTLOOK):
            assert classify(kind, user_agent=user_agent, ip=ip) == (
                MACHINE,
                "scanner-network",
            )
    # Only Gmail can be in a network of scanners. Other proxies can be imitated there.
    for user_agent in (APPLE_MPP, YAHOO_PROXY, f"{CHROME} FastmailUA/1.0"):
        assert classify(OPEN, user_agent=user_agent, ip="209.222.82.7") == (
            MACHINE,
            "scanner-network",
        )
    # Adjacent networks, such as that of Gmail's image proxy, are not scanners'.
    for ip in ("66.249.84.222", "192.178.17.32", "2001:4860:4801:2009::1"):
        assert classify(kind, user_agent=CHROME, ip=ip) == PERSON


@pytest.mark.parametrize("kind", KINDS)
def test_networks_of_scanners_that_the_company_knows(kind):
    scanners = networks.parse("198.51.100.0/24")
    for ip, expected in (
        ("198.51.100.7", (MACHINE, "scanner-network")),
        ("198.51.101.7", PERSON),
    ):
        assert (
            classify(kind, user_agent=CHROME, ip=ip, scanner_networks=scanners)
            == expected
        )
    # The company knows better than the user agent.
    for user_agent in (APPLE_MPP, GMAIL_PROXY, OUTLOOK):
        assert classify(
            kind, user_agent=user_agent, ip="198.51.100.7", scanner_networks=scanners
        ) == (MACHINE, "scanner-network")


# ------------------------------------------------------------
# Signs
# ------------------------------------------------------------


def test_signs_of_time():
    for seconds, of_open, of_click in (
        (None, (), ()),
        (0, ("at-once",), ("soon",)),
        (20, ("soon",), ("soon",)),
        (60, (), ()),
        (300, ("later",), ("later",)),
    ):
        facts = {"user_agent": CHROME, "seconds_since_sent": seconds}
        assert find_signs(OPEN, **facts) == of_open
        assert find_signs(CLICK, **facts) == of_click


def test_signs_of_programs_and_networks():
    assert find_signs(CLICK, user_agent="SomeProgram") == ("no-system",)
    old = CHROME.replace("Chrome/142", "Chrome/57")
    for user_agent, expected in ((old, ("old-browser",)), (CHROME, ())):
        assert find_signs(CLICK, user_agent=user_agent, day=DAY) == expected
    # Microsoft's cloud, and Proofpoint
    for number, expected in ((8075, "cloud-network"), (26211, "filter-network")):
        facts = {"user_agent": CHROME, "system_number": number}
        assert find_signs(CLICK, **facts) == (expected,)
        assert find_signs(CLICK, user_agent=CHROME, system_number=64496) == ()
    assert find_signs(OPEN, user_agent=CHROME, system_number=8075) == ()


def test_rules_for_images_do_not_apply_to_links():
    """The user agents of image proxies say nothing about a click."""
    for user_agent in (GMAIL_PREFETCH, APPLE_MPP, ""):
        assert classify(CLICK, user_agent=user_agent) == PERSON
    assert classify(CLICK, user_agent=GMAIL_PROXY) == (MACHINE, "crawler")


@pytest.mark.parametrize("kind", LINKS)
def test_too_soon_needs_a_second_sign(kind):
    soon = {"seconds_since_sent": 0.5, "early_seconds": 2}
    for user_agent in ("", "Mozilla/5.0"):
        assert classify(kind, user_agent=user_agent, **soon) == (MACHINE, "too-soon")
        # One sign is not enough.
        later = {**soon, "seconds_since_sent": 2}
        assert classify(kind, user_agent=user_agent, **later) == PERSON
        off = {**soon, "early_seconds": 0}
        assert classify(kind, user_agent=user_agent, **off) == PERSON
        assert classify(kind, user_agent=user_agent) == PERSON
    for user_agent in BROWSERS:
        assert classify(kind, user_agent=user_agent, **soon) == PERSON
    assert classify(kind, user_agent=OUTLOOK, **soon).actor == RECIPIENT


def test_too_soon_does_not_apply_to_opens():
    soon = {"seconds_since_sent": 4, "early_seconds": 5}
    assert classify(OPEN, user_agent="SomeMailer/1.0", **soon).actor == RECIPIENT
    assert classify(CLICK, user_agent="", **soon) == (MACHINE, "too-soon")


def test_image_at_delivery_is_possible():
    """An email cannot be opened within three seconds, whatever loads the image."""
    for user_agent in (CHROME, OUTLOOK, GMAIL_PROXY):
        for seconds, is_possible in ((0, True), (2.9, True), (3, False), (60, False)):
            classification = classify(
                OPEN, user_agent=user_agent, seconds_since_sent=seconds
            )
            assert (classification == (UNKNOWN, "at-delivery")) == is_possible
            if not is_possible:
                assert classification.actor == RECIPIENT
    assert classify(OPEN, user_agent=CHROME, seconds_since_sent=None) == PERSON
    # A machine stays a machine, and a click is not concerned.
    assert classify(OPEN, user_agent="", seconds_since_sent=1).actor == MACHINE
    assert classify(CLICK, user_agent=CHROME, seconds_since_sent=1) == PERSON


# ------------------------------------------------------------
# Colleagues
# ------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_colleagues(kind):
    own_networks = networks.parse("198.51.100.0/24 2001:db8::/32")
    for facts, reason in (
        ({"has_session": True}, "session"),
        ({"is_known_device": True}, "known-device"),
        ({"own_networks": own_networks, "ip": "198.51.100.7"}, "own-network"),
        ({"own_networks": own_networks, "ip": "::ffff:198.51.100.7"}, "own-network"),
        ({"own_networks": own_networks, "ip": "2001:db8::7"}, "own-network"),
    ):
        for user_agent in (CHROME, OUTLOOK, ""):
            assert classify(kind, user_agent=user_agent, **facts) == (INTERNAL, reason)
    for ip in ("198.51.101.7", "2001:db9::7", "", "unknown"):
        assert (
            classify(kind, user_agent=CHROME, own_networks=own_networks, ip=ip)
            == PERSON
        )


# ------------------------------------------------------------
# Deleted details
# ------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_deleted_details_make_the_actor_unknown(kind):
    for user_agent in ("", CHROME, OUTLOOK, "curl/8.5.0"):
        classification = classify(kind, user_agent=user_agent, is_incomplete=True)
        assert classification == (UNKNOWN, "expired")
        assert classify(kind, user_agent=user_agent).reason != "expired"


@pytest.mark.parametrize("kind", KINDS)
def test_remaining_details_decide(kind):
    for facts, expected in (
        ({"has_session": True}, (INTERNAL, "session")),
        ({"method": "HEAD"}, (MACHINE, "head")),
    ):
        assert classify(kind, is_incomplete=True, **facts) == expected


# ------------------------------------------------------------
# The decoy link
# ------------------------------------------------------------


@pytest.mark.parametrize("kind", LINKS)
def test_decoy_link(kind):
    for user_agent in (CHROME, "", "curl/8.5.0"):
        for facts in ({}, {"method": "HEAD"}, {"is_incomplete": True}):
            assert classify(kind, user_agent=user_agent, is_decoy=True, **facts) == (
                MACHINE,
                "decoy",
            )
    assert classify(kind, user_agent=CHROME, is_decoy=False) == PERSON
    # A person's browser prefetches every link.
    prefetch = classify(kind, user_agent=CHROME, is_decoy=True, purpose="prefetch")
    assert prefetch == (MACHINE, "prefetch")
    colleague = classify(kind, user_agent=CHROME, is_decoy=True, has_session=True)
    assert colleague == (INTERNAL, "session")


# ------------------------------------------------------------
# The table
# ------------------------------------------------------------


def test_every_rule_has_a_source_and_a_unique_reason():
    rules = [*module._RULES, *module._LAST_RULES]
    reasons = [rule.reason for rule in rules]
    assert len(set(reasons)) == len(reasons)
    assert set(reasons) | set(user_agent_rules.REASONS) < set(module.REASONS)
    assert len(set(module.REASONS)) == len(module.REASONS)
    assert all(rule.source and rule.kinds for rule in rules)


@given(
    kind=st.sampled_from(KINDS),
    method=st.sampled_from(["GET", "HEAD"]),
    user_agent=st.text(),
    purpose=st.text(),
    ip=st.text(),
    seconds_since_sent=st.none() | st.floats(),
)
def test_any_request_is_classified(kind, **facts):
    classification = classify(kind, early_seconds=2, **facts)
    assert classification.reason in module.REASONS
    assert classification.actor in (RECIPIENT, UNKNOWN, MACHINE)


@given(st.sampled_from(BROWSERS), st.sampled_from(KINDS), st.ip_addresses().map(str))
def test_browser_from_any_address_is_a_person(user_agent, kind, ip):
    if not known_networks.find(ip, kind):
        assert classify(kind, user_agent=user_agent, ip=ip) == PERSON
