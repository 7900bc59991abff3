"""Scanners, mail clients, colleagues and customers request URLs over HTTP: from the
request to the chatter.
"""

from unittest.mock import patch

from odoo.http import root
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import config

from ..common import TrackingMixin, path_of
from ..helpers.incoming_reply_case import IncomingReplyCase
from ..helpers.user_agents import (
    APPLE_MPP,
    BARRACUDA,
    BROWSERS,
    CHROME,
    FIREFOX,
    GMAIL_PROXY,
    OUTLOOK,
)

HOLD = 15
BODY = (
    '<p>See <a href="https://shop.example.net/prices">our prices</a>,'
    ' <a href="https://shop.example.net/terms">our terms</a> and'
    ' <a href="https://shop.example.net/about">about us</a></p>'
)
# from the internet, through the proxy in front of Odoo
ELSEWHERE = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "odoo.example.com"}


class ScenarioCase(TrackingMixin, HttpCase):
    def setUp(self):
        super().setUp()
        self.hold(HOLD)
        self.delivered, self.trackable = self.send(BODY)

    def get(self, url, user_agent=FIREFOX, method="GET", **headers):
        response = self.url_open(
            path_of(url),
            method=method,
            headers={"User-Agent": user_agent, **headers},
            allow_redirects=False,
        )
        self.assertIn(response.status_code, (200, 302), "everyone gets the same answer")
        return response

    def open(self, *args, **kwargs):
        return self.get(self.delivered.image_urls[0], *args, **kwargs)

    def click(self, name, *args, **kwargs):
        return self.get(self.delivered.links[name], *args, **kwargs)

    def settle(self):
        """Time passes until nothing is held any more."""
        self.wait(60)
        self.process()

    def assertActors(self, *expected):
        """Kind, actor and reason, in the order in which they came to be known."""
        classified = [
            (action.kind, action.actor, action.reason)
            for action in self.trackable.action_ids
        ]
        self.assertEqual(sorted(classified), sorted(expected))

    def assertNothingShown(self):
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertFalse(self.entries(self.customer) + self.entries(self.lead))


@tagged("post_install", "-at_install")
class TestScenarios(ScenarioCase):
    def test_a_scanner_at_delivery_then_the_person(self):
        """It opens and clicks everything, under changing names."""
        scanner = [CHROME, *BROWSERS[1:]]
        self.open(scanner[0])
        self.process()  # the job was faster than the rest of it
        for name, user_agent in zip(
            ("our prices", "our terms", "about us"), scanner[1:], strict=False
        ):
            self.click(name, user_agent, method="GET")
        self.settle()
        self.assertNothingShown()
        self.assertActors(
            ("open", "machine", "burst"), *[("click", "machine", "burst")] * 3
        )
        self.open(OUTLOOK)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.wait(20)
        self.click("our prices", CHROME)
        self.settle()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEqual(
            (self.trackable.raw_open_count, self.trackable.raw_click_count), (2, 4)
        )
        for record in (self.customer, self.lead):
            text = self.entry_text(record)
            self.assertIn("Opened at", text)
            self.assertNotIn("our terms", text)
        self.assertIn("Clicked our prices", self.entry_text(self.lead))
        self.assertIn("Clicked a link", self.entry_text(self.customer))

    def test_a_scanner_that_says_who_it_is_then_the_person(self):
        self.click("our prices", BARRACUDA)
        self.settle()
        self.assertNothingShown()
        self.click("our prices", CHROME)
        self.settle()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertActors(
            ("click", "machine", "barracuda"),
            ("click", "recipient", "direct"),
            ("open", "recipient", "inferred"),
        )

    def test_apple_loads_the_image_then_the_person_clicks(self):
        self.open(APPLE_MPP)
        self.settle()
        self.assertNothingShown()
        self.assertEqual(self.trackable.opened, "maybe")
        self.click("our prices", BROWSERS[3])
        self.settle()
        self.assertEqual(self.trackable.opened, "yes")
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertActors(
            ("open", "unknown", "apple-mpp"),
            ("open", "recipient", "inferred"),
            ("click", "recipient", "direct"),
        )

    def test_gmail(self):
        self.open(GMAIL_PROXY)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertActors(("open", "recipient", "gmail-proxy"))
        self.assertFalse(self.trackable.action_ids.device, "not the reader's")

    def test_privacy_wishes_are_no_sign_of_a_machine(self):
        """Do Not Track and Global Privacy Control: mautic#17187."""
        wishes = {"DNT": "1", "Sec-GPC": "1"}
        self.open(**wishes)
        self.click("our prices", **wishes)
        self.settle()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_a_colleague_opens(self):
        self.work_in_odoo(self.colleague)
        self.open(CHROME)
        self.click("our prices", CHROME)
        self.settle()
        self.assertNothingShown()
        self.assertActors(
            ("open", "internal", "known-device"), ("click", "internal", "known-device")
        )
        self.assertEqual(self.trackable.action_ids.user_id, self.colleague)
        # the customer, from elsewhere
        with patch.dict(config.options, proxy_mode=True):
            self.open(CHROME, **ELSEWHERE)
            self.click("our terms", CHROME, **ELSEWHERE)
        self.settle()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertIn("Clicked our terms", self.entry_text(self.lead))

    def test_the_sender_opens_his_own_copy(self):
        self.work_in_odoo(self.salesperson)
        self.open(CHROME)
        self.settle()
        self.assertNothingShown()
        self.assertEqual(self.trackable.action_ids.user_id, self.salesperson)

    def test_who_is_logged_in_clicks(self):
        """On Odoo's own host, where the cookie comes along."""
        self.authenticate(self.colleague.login, self.colleague.login)
        self.click("our prices", CHROME)
        self.settle()
        self.assertNothingShown()
        self.assertActors(("click", "internal", "session"))
        self.assertEqual(self.trackable.action_ids.user_id, self.colleague)

    def test_a_customer_in_the_portal_clicks(self):
        portal = new_test_user(self.env, "petra", "base.group_portal")
        self.authenticate(portal.login, portal.login)
        self.click("our prices", CHROME)
        self.settle()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_a_session_that_is_good_no_longer(self):
        session = self.authenticate(self.colleague.login, self.colleague.login)
        session["session_token"] = "forged"
        root.session_store.save(session)
        self.click("our prices", CHROME)
        self.settle()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_a_proxy_that_odoo_was_not_told_to_trust(self):
        """Its address is everyone's: it tells no colleague from a customer."""
        self.work_in_odoo(self.colleague)
        self.open(CHROME, **ELSEWHERE)
        self.assertEqual(self.env["trackable.hit"].search([]).ip, "")
        self.settle()
        self.assertCounts(self.trackable, opens=1, clicks=0)

    def work_in_odoo(self, user):
        """A user logs in and works, and logs out: Odoo logs the device."""
        self.authenticate(
            user.login, user.login, session_extra={"_trace_disable": False}
        )
        answer = self.url_open("/odoo", headers={"User-Agent": CHROME})
        self.assertEqual(answer.status_code, 200)
        log = self.env["res.device.log"].search([("user_id", "=", user.id)])
        self.assertEqual(log.browser, "chrome")
        self.authenticate(None, None)


@tagged("post_install", "-at_install")
class TestReplyScenario(IncomingReplyCase):
    def test_a_reply_only(self):
        self.receive(self.reply(text="Thank you!"))
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertIn("Opened", self.entry_text(self.customer))
