"""The badge and its timeline on a desk and on a phone, with a real reply."""

import xmlrpc.client
from email.message import EmailMessage

import pytest

from ..helpers.composer_email import send
from ..helpers.odoo_server import live_odoo
from ..helpers.web_client_browser import logged_in

SOON_MS = 20_000
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
FINGER = 24  # pixels: WCAG 2.5.8


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live, live.server():
        yield live


@pytest.fixture
def sent(odoo):
    """Send an email.

    :return: the email that arrived, and the path of its opportunity
    """
    delivered, customer_id = send(odoo)
    (lead_id,) = odoo.call("crm.lead", "search", [("partner_id", "=", customer_id)])
    return delivered, f"/odoo/crm/{lead_id}"


def badge(page, state):
    return page.locator(f".o_tracking_badge[data-state={state}]")


def text_of(locator):
    return " ".join(locator.inner_text().split())


def reply(odoo, delivered):
    """Deliver the customer's reply to Odoo's mail gateway."""
    answer = EmailMessage()
    answer["From"] = "Carla <carla@customer.example.org>"
    answer["To"] = "catchall@acme.example.com"
    answer["Subject"] = "Re: Proposal"
    answer["Message-Id"] = "<reply@customer.example.org>"
    answer["In-Reply-To"] = delivered.message["Message-Id"]
    answer.set_content("Thank you!")
    data = xmlrpc.client.Binary(answer.as_bytes())
    odoo.call("mail.thread", "message_process", False, data)


def test_badge_and_timeline_follow_open_and_reply(odoo, browser, sent):
    delivered, path = sent
    with logged_in(browser, odoo, path) as page:
        badge(page, "unopened").wait_for()
        assert text_of(badge(page, "unopened")) == "Not opened yet"
        page.wait_for_timeout(2000)  # the websocket

        odoo.get(delivered.image_urls[0])
        opened = badge(page, "opened")
        opened.wait_for(timeout=SOON_MS)
        assert text_of(opened) == "Opened · now"
        assert "o-mail-Message-date" in opened.evaluate(
            "badge => badge.previousElementSibling.className"
        )

        opened.focus()
        page.keyboard.press("Enter")
        timeline = page.get_by_role("dialog", name="Tracking details")
        lines = timeline.locator(".o_tracking_actions li")
        lines.first.wait_for()
        assert lines.count() == 1
        assert text_of(lines.first).startswith("Carla opened")

        reply(odoo, delivered)
        lines.filter(has_text="Replied").wait_for(timeout=SOON_MS)
        replied = badge(page, "replied")
        assert text_of(replied) == "Replied · now"
        assert lines.count() == 2
        page.keyboard.press("Tab")
        assert timeline.locator("button:focus").count() == 1
        page.keyboard.press("Escape")
        timeline.wait_for(state="hidden")
        assert replied.evaluate("badge => badge === document.activeElement")
        page.keyboard.press("Space")
        timeline.wait_for()
        assert replied.get_attribute("aria-expanded") == "true"


def test_badge_and_timeline_fit_a_phone(odoo, browser, sent):
    delivered, path = sent
    link = delivered.links["our prices"]
    with logged_in(browser, odoo, path, **PHONE) as page:
        badge(page, "unopened").wait_for()
        page.wait_for_timeout(2000)  # the websocket
        odoo.get(link)
        clicked = badge(page, "clicked")
        clicked.wait_for(timeout=SOON_MS)
        assert clicked.bounding_box()["height"] >= FINGER
        author = page.locator(".o-mail-Message-header", has=clicked)
        date = author.locator(".o-mail-Message-date").bounding_box()
        name = author.locator(".o-mail-Message-author").bounding_box()
        assert abs(date["y"] - name["y"]) < name["height"], "on the author's line"

        clicked.tap()
        timeline = page.get_by_role("dialog", name="Tracking details")
        timeline.wait_for()
        page.wait_for_timeout(500)  # its animation
        box = timeline.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert box["y"] >= 0 and box["y"] + box["height"] <= 844
        toggle = timeline.locator(".o_tracking_limits_toggle")
        if toggle.count():
            assert toggle.bounding_box()["height"] >= FINGER
        assert timeline.evaluate("el => el.scrollWidth <= el.clientWidth")
