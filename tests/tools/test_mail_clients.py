"""tools/mail_clients: recognize mail clients, even those in lists of crawlers."""

import re

import pytest
from crawlerdetect import CrawlerDetect

from odoo.addons.pipeline_tracking.tools import mail_clients
from odoo.addons.pipeline_tracking.tools.actors import (
    CLICK,
    DOWNLOAD,
    MACHINE,
    OPEN,
    RECIPIENT,
)
from odoo.addons.pipeline_tracking.tools.classify import classify

from ..helpers.user_agents import (
    BARRACUDA,
    BING_PREVIEWS,
    BROWSERS,
    CRAWLERS,
    GMAIL_PROXY,
    MAIL_CLIENTS,
    YAHOO_PROXY,
)

PROGRAMS = [
    (name, user_agent)
    for name, user_agents in MAIL_CLIENTS.items()
    for user_agent in user_agents
]


@pytest.mark.parametrize("name, user_agent", PROGRAMS)
def test_mail_clients_are_recognised(name, user_agent):
    assert mail_clients.find(user_agent) == name
    for kind in (OPEN, CLICK, DOWNLOAD):
        assert classify(kind, user_agent=user_agent) == (RECIPIENT, "mail-client")
        assert classify(kind, user_agent=user_agent, method="HEAD").actor == MACHINE


@pytest.mark.parametrize(
    "user_agent", [*BROWSERS, *CRAWLERS, *BING_PREVIEWS, BARRACUDA, GMAIL_PROXY, ""]
)
def test_other_programs_are_not_mail_clients(user_agent):
    assert mail_clients.find(user_agent) == ""


def test_every_row_has_a_user_agent():
    assert set(MAIL_CLIENTS) == {row.name for row in mail_clients._ROWS}
    matching = [
        row
        for row in mail_clients._ROWS
        for _name, user_agent in PROGRAMS
        if re.search(row.pattern, user_agent)
    ]
    assert set(matching) == set(mail_clients._ROWS)


def test_list_of_crawlers_contains_mail_clients():
    """The test fails if a new version of the list contains other mail clients."""
    detect = CrawlerDetect()
    lost = {name for name, user_agent in PROGRAMS if detect.is_crawler(user_agent)}
    assert lost == {
        "Airmail",
        "Android",
        "Apple Mail",
        "Canary Mail",
        "Microsoft Office",
        "Outlook",
        "Polymail",
        "Windows Mail",
    }
    assert detect.is_crawler(GMAIL_PROXY) and detect.is_crawler(YAHOO_PROXY)
    assert not any(detect.is_crawler(user_agent) for user_agent in BROWSERS)
