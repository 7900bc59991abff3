"""The feed in a real browser."""

import pytest

from odoo.tests import HttpCase, tagged

from ..common import TrackingMixin
from ..helpers.composer_email import send
from ..helpers.odoo_server import live_odoo
from ..helpers.web_client_browser import logged_in

SOON_MS = 20_000


@tagged("post_install", "-at_install")
class TestFeedTour(TrackingMixin, HttpCase):
    def test_home_of_the_app(self):
        self.env["trackable.email"].search([]).unlink()
        delivered, _email = self.send()
        self.wait(60)
        self.hit(delivered.image_urls[0])
        self.hit(delivered.image_urls[0], method="HEAD")
        self.process()
        self.start_tour("/odoo", "pipeline_tracking_feed", login=self.salesperson.login)


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live, live.server():
        yield live


def test_news_arrives_without_reload(odoo, browser):
    with logged_in(browser, odoo, "/odoo/email-tracking", ".o_tracking_feed") as feed:
        feed.get_by_text("Your tracked emails have not been opened yet").wait_for()
        feed.wait_for_timeout(2000)  # the websocket
        delivered, _customer_id = send(odoo)
        requests = []
        feed.on("request", lambda request: requests.append(request.url))

        odoo.get(delivered.image_urls[0])
        person = feed.get_by_role("article").filter(has_text="Carla")
        person.get_by_text("Opened “Proposal”").wait_for(timeout=SOON_MS)

        odoo.get(delivered.links["our prices"])
        person.get_by_text("Clicked “our prices” in “Proposal”").wait_for(
            timeout=SOON_MS
        )
        fetches = [url for url in requests if url.endswith("/get_feed")]
        assert 1 < len(fetches) <= 4, "one request for each push"

        feed.get_by_role("button", name="Reply to Carla").click()
        composer = feed.get_by_role("dialog")
        composer.locator("[name=partner_ids]", has_text="Carla").wait_for()
        composer.locator("[name=body] .odoo-editor-editable").fill("Any questions?")
        odoo.inbox.emails.clear()
        composer.get_by_role("button", name="Send", exact=True).click()
        composer.wait_for(state="hidden")
    (reply,) = odoo.inbox.emails
    assert reply.recipients == ["carla@customer.example.org"]
    assert reply.message["Subject"] == "Re: Proposal"
    assert "Any questions?" in reply.html
