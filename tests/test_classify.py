"""tools/classify: machines are told from people, and people are never lost."""

import pytest

from odoo.addons.pipeline_tracking.tools.classify import (
    CLICK,
    MACHINE,
    OPEN,
    RECIPIENT,
    UNKNOWN,
    classify,
)

PEOPLE = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
    " (KHTML, like Gecko)",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0",
    "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Microsoft Outlook 14.0.7113;"
    " ms-office; MSOffice 14)",
]
GMAIL_PROXY = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0"
    " (via ggpht.com GoogleImageProxy)"
)
GMAIL_PREFETCH = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
)
YAHOO_PROXY = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"


@pytest.mark.parametrize("user_agent", PEOPLE)
@pytest.mark.parametrize("kind", [OPEN, CLICK])
def test_people(kind, user_agent):
    assert classify(kind, user_agent=user_agent) == (RECIPIENT, "direct")


@pytest.mark.parametrize(
    "user_agent, verdict",
    [
        (GMAIL_PROXY, (RECIPIENT, "gmail-proxy")),
        (YAHOO_PROXY, (RECIPIENT, "yahoo-proxy")),
        (GMAIL_PREFETCH, (MACHINE, "gmail-prefetch")),
        ("Mozilla/5.0", (UNKNOWN, "apple-mpp")),
        ("", (MACHINE, "no-user-agent")),
        ("  ", (MACHINE, "no-user-agent")),
    ],
)
def test_opens(user_agent, verdict):
    assert classify(OPEN, user_agent=user_agent) == verdict


@pytest.mark.parametrize("kind", [OPEN, CLICK])
def test_head_is_a_machine_whoever_it_says_it_is(kind):
    for user_agent in [*PEOPLE, GMAIL_PROXY]:
        assert classify(kind, method="HEAD", user_agent=user_agent) == (MACHINE, "head")


@pytest.mark.parametrize(
    "purpose", ["prefetch", "prefetch;prerender", "Preview", "x PRERENDER"]
)
def test_fetching_ahead(purpose):
    assert classify(OPEN, user_agent=PEOPLE[0], purpose=purpose) == (
        MACHINE,
        "prefetch",
    )
    assert classify(OPEN, user_agent=PEOPLE[0], purpose="other") == (
        RECIPIENT,
        "direct",
    )
