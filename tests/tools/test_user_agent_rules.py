"""tools/user_agent_rules: machines are recognized, and people stay people."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import crawlers
from odoo.addons.pipeline_tracking.tools import user_agent_rules as module
from odoo.addons.pipeline_tracking.tools.actors import (
    ANY,
    CLICK,
    DOWNLOAD,
    LINKS,
    MACHINE,
    OPEN,
    RECIPIENT,
    UNKNOWN,
)
from odoo.addons.pipeline_tracking.tools.user_agent_rules import find

from ..helpers.time_limit import within
from ..helpers.user_agents import (
    APPLE_MPP,
    BARRACUDA,
    BING_PREVIEWS,
    BROWSERS,
    CHROME,
    CRAWLERS,
    DEVICES_LIKE_CRAWLERS,
    GMAIL_PREFETCH,
    GMAIL_PROXY,
    LISTED_BROWSERS,
    MAIL_CLIENTS,
    MORE_PROXIES,
    OTHER_PROXIES,
    PROGRAMS,
    UNUSUAL_BROWSERS,
    YAHOO_PROXY,
    YAHOO_PROXY_COMPATIBLE,
)


def flatten(groups):
    return [(key, value) for key, values in groups.items() for value in values]


# ------------------------------------------------------------
# People
# ------------------------------------------------------------


@pytest.mark.parametrize("kind", ANY)
@pytest.mark.parametrize(
    "user_agent", [*BROWSERS, *DEVICES_LIKE_CRAWLERS, *UNUSUAL_BROWSERS]
)
def test_no_rule_decides_about_browsers(kind, user_agent):
    classification = find(kind, user_agent)
    assert classification is None or classification.actor == RECIPIENT


@pytest.mark.parametrize("kind", ANY)
@pytest.mark.parametrize("user_agent", LISTED_BROWSERS)
def test_browsers_and_apps_in_lists_of_crawlers(kind, user_agent):
    assert find(kind, user_agent) == (RECIPIENT, "known-app")
    assert crawlers.is_crawler(user_agent)


@pytest.mark.parametrize("kind", ANY)
@pytest.mark.parametrize("user_agent", LISTED_BROWSERS[:2])
@pytest.mark.parametrize(
    "suffix", [" (compatible; Namebot/1.0)", " HeadlessChrome/66.0", " +https://x.org"]
)
def test_apps_that_name_a_program_are_machines(kind, user_agent, suffix):
    assert find(kind, user_agent + suffix).actor == MACHINE


@pytest.mark.parametrize("kind", ANY)
@pytest.mark.parametrize("name, user_agent", flatten(MAIL_CLIENTS))
def test_mail_clients(kind, name, user_agent):
    assert find(kind, user_agent) == (RECIPIENT, "mail-client")


@pytest.mark.parametrize("kind", ANY)
@pytest.mark.parametrize(
    "user_agent",
    [
        "Polymail/1.47",
        "Polymail 2.1",
        "SomeMail/1.0",
        "Some Mail 1.0",
        "Outlook-Android/2.0",
        "Outlook-iOS-Android/2.0 (Microsoft Outlook 16.0.13901; Pro)",
    ],
)
def test_unknown_mail_programs(kind, user_agent):
    assert find(kind, user_agent) == (RECIPIENT, "mail-client")


@pytest.mark.parametrize("kind", ANY)
@pytest.mark.parametrize(
    "user_agent",
    [
        "Valimail/1.0 (domain scanner)",
        "SomeMail/1.0 (+https://example.org)",
        "Email Siphon",
        "Mozilla/5.0 (compatible; Linux x86_64; Mail.RU_Bot/2.0;"
        " +http://go.mail.ru/help/robots)",
    ],
)
def test_machines_with_mail_in_their_names(kind, user_agent):
    assert find(kind, user_agent).actor == MACHINE


@pytest.mark.parametrize(
    "user_agent, expected",
    [
        (GMAIL_PROXY, (RECIPIENT, "gmail-proxy")),
        (GMAIL_PREFETCH, (MACHINE, "gmail-prefetch")),
        (APPLE_MPP, (UNKNOWN, "apple-mpp")),
        (YAHOO_PROXY, (RECIPIENT, "yahoo-proxy")),
        (YAHOO_PROXY_COMPATIBLE, (RECIPIENT, "yahoo-proxy")),
        *(
            (proxy, (RECIPIENT, "image-proxy"))
            for proxy in (*OTHER_PROXIES, *MORE_PROXIES)
        ),
        ("", (MACHINE, "no-user-agent")),
    ],
)
def test_image_proxies_decide_about_opens_only(user_agent, expected):
    assert find(OPEN, user_agent) == expected
    for kind in LINKS:
        classification = find(kind, user_agent)
        assert classification is None or classification.reason != expected[1]
    assert find(OPEN, CHROME) is None


# ------------------------------------------------------------
# Machines
# ------------------------------------------------------------


@pytest.mark.parametrize("kind", (CLICK, DOWNLOAD))
def test_link_scanners(kind):
    for user_agent in BING_PREVIEWS:
        assert find(kind, user_agent) == (MACHINE, "bing-preview")
        assert find(OPEN, user_agent) == (MACHINE, "crawler")
    assert find(kind, BARRACUDA) == (MACHINE, "barracuda")
    assert find(kind, CHROME) is None


@pytest.mark.parametrize("kind", ANY)
@pytest.mark.parametrize("user_agent", CRAWLERS)
def test_crawlers(kind, user_agent):
    assert find(kind, user_agent) == (MACHINE, "crawler")


@pytest.mark.parametrize("kind", ANY)
@pytest.mark.parametrize("reason, user_agent", flatten(PROGRAMS))
def test_programs_outside_the_list_of_crawlers(kind, reason, user_agent):
    assert find(kind, user_agent) == (MACHINE, reason)
    assert not crawlers.is_crawler(user_agent)


@pytest.mark.parametrize(
    "user_agent",
    ["Mozilla/5.0 (compatible)", "Mozilla/4.0", "Mozilla", "Mozilla/5.0 (en-us;)"],
)
def test_shortened_browsers_stay_people(user_agent):
    """Firewalls and privacy settings shorten the user agent."""
    assert find(CLICK, user_agent) is None
    assert find(CLICK, f"{user_agent} SomeTool/1.0") == (MACHINE, "http-tool")


# ------------------------------------------------------------
# The table, and any text
# ------------------------------------------------------------


def test_every_rule_has_a_source():
    assert all(rule.source and rule.kinds for rule in module.RULES)
    assert set(module.REASONS) == {rule.reason for rule in module.RULES}
    assert set(PROGRAMS) < set(module.REASONS)


PIECES = (
    *"Mozilla/5.0 compatible; (KHTML, like Gecko; Linux; U; @ + . www. a. a@".split(),
    *(
        "Android ",
        "Android 1; ",
        "a.com/",
        " mail 1",
        "CFNetwork/",
        "http://",
        "( ",
        ")",
    ),
)


@given(
    kind=st.sampled_from(ANY),
    user_agent=st.text(max_size=512)
    | st.lists(st.sampled_from([*PIECES, *BROWSERS]), max_size=30).map("".join),
)
def test_any_text_is_classified(kind, user_agent):
    classification = find(kind, user_agent)
    assert classification is None or classification.reason in module.REASONS


@pytest.mark.parametrize("piece", PIECES)
def test_time_is_linear(piece):
    """A rule whose time grows with the square would exceed the limit."""
    with within(20):
        for user_agent in (piece * (200_000 // len(piece)), f"{CHROME} {piece * 40}"):
            find(OPEN, user_agent)
            find(CLICK, user_agent)


def test_any_header_is_classified_quickly():
    """The limit is ten times the usual time."""
    chooser = random.Random(1)
    user_agents = [
        "".join(chooser.choices(string.printable, k=512)) for _number in range(1000)
    ]
    with within(4):
        for user_agent in user_agents:
            find(CLICK, user_agent)
