"""Chatter entries in a real browser, on a desk and on a phone: they appear live, can be
hidden, and open their email without a reload.
"""

import json

import pytest

from ..helpers.odoo_server import live_odoo, wait_until
from ..helpers.web_client_browser import logged_in

SOON_MS = 20_000
MAX_HEIGHT = 40  # pixels of an entry with one action, on a desk

SCREENS = {
    "desk": {"viewport": {"width": 1600, "height": 1000}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
    },
}

SEND = """
import json
from markupsafe import Markup
customer = env["res.partner"].create({"name": "Carla Customer", "email": "c@x.com"})
lead = env["crm.lead"].create({"name": "Big deal", "partner_id": customer.id})
env.cr.commit()
def post(body):
    lead.with_user(2).message_post(
        body=Markup(body), subject="Big deal", partner_ids=customer.ids,
        message_type="comment", subtype_xmlid="mail.mt_comment", is_tracked=True,
    )
    env.cr.commit()
post("<p>Hello Carla, this is the first offer</p>")
post("<p>Hello Carla, this is the second offer</p>")
for number in range(20):
    lead.message_post(body=f"Note {number}")
env.cr.commit()
print(json.dumps([lead.id, customer.id]))
"""

# Store the text of the message that Odoo highlights, for two seconds only.
OBSERVE_HIGHLIGHTED = """
window.highlighted = "";
new MutationObserver(() => {
    const message = document.querySelector(".o-mail-Message.o-highlighted");
    if (message) {
        window.highlighted = message.textContent;
    }
}).observe(document.body, {attributes: true, childList: true, subtree: true});
"""


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live, live.server():
        yield live


@pytest.mark.parametrize("screen", SCREENS)
def test_entries(odoo, browser, screen):
    odoo.inbox.emails.clear()
    lead_id, customer_id = json.loads(odoo.shell(SEND).splitlines()[-1])
    emails = [email for email in odoo.inbox.emails if "c@x.com" in email.recipients]
    first_image, second_image = (email.image_urls[0] for email in emails)
    odoo.send_earlier()

    with logged_in(browser, odoo, f"/odoo/crm/{lead_id}", **SCREENS[screen]) as page:
        entry = page.locator(".o_tracking_entry")
        toggle = page.locator(".o_tracking_entry_toggle")
        page.get_by_text("Note 19").wait_for()
        page.wait_for_timeout(2000)  # the websocket
        assert toggle.count() == 0, "no entries, no button"

        odoo.get(first_image)
        entry.wait_for(timeout=SOON_MS)
        page.wait_for_timeout(500)  # scrolling
        words = "Carla Customer opened “Hello Carla, this is the first offer”"
        assert words in entry.inner_text()
        assert "Trackable Email Action" in entry.inner_text()
        if screen == "desk":
            box = entry.bounding_box()
            assert box["y"] > page.locator(".o-mail-Chatter").bounding_box()["y"]
            message = page.locator(".o-mail-Message", has=entry)
            assert message.bounding_box()["height"] <= MAX_HEIGHT
        assert toggle.get_attribute("aria-pressed") == "true"

        toggle.click()
        entry.wait_for(state="hidden")
        page.get_by_text("Note 19").wait_for()
        odoo.get(second_image)
        page.locator(".o_tracking_entry_toggle", has_text="2").wait_for(timeout=SOON_MS)
        assert entry.count() == 0, "a new entry is hidden, too"
        page.reload()
        page.locator(".o_tracking_entry_toggle[aria-pressed=false]").wait_for()
        assert entry.count() == 0
        toggle.press("Enter")
        entry.nth(1).wait_for()

        page.goto(f"{odoo.url}/odoo/contacts/{customer_id}")
        entry.first.wait_for()
        page.evaluate("window.isLoadedOnce = true")
        page.evaluate(OBSERVE_HIGHLIGHTED)
        page.get_by_role("link", name="“Hello Carla, this is the first offer”").click()
        page.wait_for_function(
            "window.highlighted.includes('Hello Carla, this is the first offer')"
        )
        assert page.url.endswith(f"/{lead_id}")
        assert page.evaluate("window.isLoadedOnce"), "the page was not loaded again"
        wait_until(
            lambda: page.evaluate(
                "Boolean(document.querySelector('.breadcrumb, .o_back_button'))"
            ),
            5,
        )
