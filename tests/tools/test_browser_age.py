"""tools/browser_age: browsers of desktop computers that are several years old."""

from datetime import date

import pytest

from odoo.addons.pipeline_tracking.tools import browser_age, device

from ..helpers.user_agents import BROWSERS, MAIL_CLIENTS

TODAY = date(2026, 11, 30)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"


def is_old(user_agent, today=TODAY):
    return browser_age.is_old(user_agent, device.read(user_agent).platform, today)


@pytest.mark.parametrize(
    "user_agent",
    [
        f"{WINDOWS} Gecko) Chrome/57.0.2987.133 Safari/537.36",
        f"{WINDOWS} Gecko) Chrome/79.0.3945.88 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Firefox/60.0",
        "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)",
    ],
)
def test_old_browsers(user_agent):
    assert is_old(user_agent)
    assert not is_old(user_agent, date(2012, 1, 1)) or "MSIE" in user_agent


@pytest.mark.parametrize(
    "user_agent",
    [
        *BROWSERS,
        *(agent for agents in MAIL_CLIENTS.values() for agent in agents),
        # the last Chrome for Windows 7
        "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like"
        " Gecko) Chrome/109.0.0.0 Safari/537.36",
        # a television of 2020, a phone of 2017
        "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/53.0.2785.34 Safari/537.36 WebAppManager",
        "Mozilla/5.0 (Linux; Android 7.0; SM-G930V) AppleWebKit/537.36 (KHTML, like"
        " Gecko) Chrome/59.0.3071.125 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
        "",
        "Chrome/57.0",
    ],
)
def test_browsers_that_people_have(user_agent):
    assert not is_old(user_agent)
