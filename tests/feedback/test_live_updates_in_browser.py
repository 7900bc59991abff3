"""An open chatter shows new opens and clicks without a reload, in a real browser."""

import pytest

from ..helpers.composer_email import send
from ..helpers.odoo_server import live_odoo
from ..helpers.web_client_browser import logged_in

SOON_MS = 20_000


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live, live.server():
        yield live


def badge(page, words):
    return page.locator(".o_tracking_badge", has_text=words)


def test_opens_and_clicks_show_without_reload(odoo, browser):
    delivered, customer_id = send(odoo)
    (lead_id,) = odoo.call("crm.lead", "search", [("partner_id", "=", customer_id)])
    with (
        logged_in(browser, odoo, f"/odoo/crm/{lead_id}") as lead,
        logged_in(browser, odoo, f"/odoo/contacts/{customer_id}") as contact,
    ):
        badge(lead, "Not opened yet").wait_for()
        requests = []
        lead.on("request", lambda request: requests.append(request.url))
        lead.reload()
        badge(lead, "Not opened yet").wait_for()
        lead.get_by_role("button", name="0 of 1 opened").wait_for()
        tracking_requests = [url for url in requests if "track" in url]
        assert tracking_requests == [], "opening a record sends no request of the addon"
        requests.clear()

        odoo.get(delivered.image_urls[0])
        badge(lead, "Opened ·").wait_for(timeout=SOON_MS)
        for page in (lead, contact):
            entry = page.locator(".o_tracking_entry", has_text="Trackable Email Action")
            entry.filter(has_text="opened").wait_for(timeout=SOON_MS)

        odoo.get(delivered.links["our prices"])
        badge(lead, "Clicked ·").wait_for(timeout=SOON_MS)
        for page in (lead, contact):
            entry = page.locator(".o_tracking_entry", has_text="Trackable Email Action")
            entry.filter(has_text="clicked").wait_for(timeout=SOON_MS)
            assert entry.count() == 1

        badge(lead, "Clicked").click()
        timeline = lead.get_by_role("dialog", name="Tracking details")
        timeline.get_by_text("Carla clicked “our prices”").wait_for()
        assert len([url for url in requests if "/mail/thread/messages" in url]) == 1
        lead.keyboard.press("Escape")
        timeline.wait_for(state="hidden")


def test_entry_details_depend_on_viewer(odoo, browser):
    """Only readers of the lead see subject and links, also in live updates."""
    odoo.call(
        "res.users",
        "create",
        {"name": "Plain", "login": "plain", "password": "plain"},
    )
    delivered, customer_id = send(odoo)
    contact = f"/odoo/contacts/{customer_id}"
    with (
        logged_in(browser, odoo, contact) as owner,
        logged_in(browser, odoo, contact, login="plain") as plain,
    ):
        for page in (owner, plain):
            page.wait_for_timeout(2000)  # the websocket

        def entry(page, words):
            shown = page.locator(".o_tracking_entry", has_text="Trackable Email Action")
            return shown.filter(has_text=words)

        odoo.get(delivered.image_urls[0])
        entry(owner, "Proposal").wait_for(timeout=SOON_MS)
        # Without an entry, the chatter of this user does not subscribe to updates.
        plain.reload()
        entry(plain, "an email").wait_for(timeout=SOON_MS)
        plain.wait_for_timeout(2000)  # the websocket

        odoo.get(delivered.links["our prices"])
        entry(owner, "clicked “our prices”").wait_for(timeout=SOON_MS)
        entry(plain, "clicked a link").wait_for(timeout=SOON_MS)
        assert entry(owner, "Proposal").count() == 1
        for secret in ("Proposal", "our prices", "/mail/message/"):
            assert secret not in plain.content()
        owner.get_by_role("link", name="Proposal").click()
        owner.locator(".o-mail-Message", has_text="See our prices").first.wait_for()
