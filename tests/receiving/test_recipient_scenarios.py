"""Scanners, mail clients, colleagues and customers: from the request to the chatter."""

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
# A request from the internet, through the proxy in front of Odoo.
ELSEWHERE = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "odoo.example.com"}


class ScenarioCase(TrackingMixin, HttpCase):
    def setUp(self):
        super().setUp()
        self.hold(HOLD)
        self.delivered, self.trackable = self.send(BODY)
        self.wait(600)

    def get(self, url, user_agent=FIREFOX, method="GET", **headers):
        response = self.url_open(
            path_of(url),
            method=method,
            headers={"User-Agent": user_agent, **headers},
            allow_redirects=False,
        )
        self.assertIn(
            response.status_code, (200, 302), "all clients get the same response"
        )
        return response

    def open(self, *args, **kwargs):
        return self.get(self.delivered.image_urls[0], *args, **kwargs)

    def click(self, name, *args, **kwargs):
        return self.get(self.delivered.links[name], *args, **kwargs)

    def wait_and_process(self):
        """Let the hold of clicks pass, and process all hits."""
        self.wait(60)
        self.process()

    def assertActors(self, *expected):
        """Assert kind, actor and reason of all actions, in any order."""
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
    def test_scanner_at_delivery_then_the_person(self):
        """The scanner opens and clicks everything, with changing user agents."""
        scanner = [CHROME, *BROWSERS[1:]]
        self.open(scanner[0])
        self.process()  # the open is processed before the clicks come
        for name, user_agent in zip(
            ("our prices", "our terms", "about us"), scanner[1:], strict=False
        ):
            self.click(name, user_agent, method="GET")
        self.wait_and_process()
        self.assertNothingShown()
        self.assertActors(
            ("open", "machine", "burst"), *[("click", "machine", "burst")] * 3
        )
        self.open(OUTLOOK)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.wait(20)
        self.click("our prices", CHROME)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEqual(
            (self.trackable.raw_open_count, self.trackable.raw_click_count), (2, 4)
        )
        for record in (self.customer, self.lead):
            text = self.entry_text(record)
            self.assertRegex(text, "opened (“Proposal”|an email), ")
            self.assertNotIn("our terms", text)
        self.assertIn("clicked “our prices” ·", self.entry_text(self.lead))
        self.assertIn("clicked a link ·", self.entry_text(self.customer))

    def test_scanner_with_a_known_name_then_the_person(self):
        self.click("our prices", BARRACUDA)
        self.wait_and_process()
        self.assertNothingShown()
        self.click("our prices", CHROME)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertActors(
            ("click", "machine", "barracuda"),
            ("click", "recipient", "direct"),
            ("open", "recipient", "inferred"),
        )

    def test_apple_loads_the_image_then_the_person_clicks(self):
        self.open(APPLE_MPP)
        self.wait_and_process()
        self.assertNothingShown()
        self.assertEqual(self.trackable.status, "maybe")
        self.click("our prices", BROWSERS[3])
        self.wait_and_process()
        self.assertEqual(self.trackable.status, "clicked")
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertActors(
            ("open", "unknown", "apple-mpp"),
            ("open", "recipient", "inferred"),
            ("click", "recipient", "direct"),
        )

    def test_open_in_gmail(self):
        self.open(GMAIL_PROXY)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertActors(("open", "recipient", "gmail-proxy"))
        self.assertFalse(self.trackable.action_ids.device, "not the recipient's device")

    def test_privacy_headers_are_not_a_sign_of_a_machine(self):
        """Requests with Do Not Track and Global Privacy Control: mautic#17187."""
        privacy_headers = {"DNT": "1", "Sec-GPC": "1"}
        self.open(**privacy_headers)
        self.click("our prices", **privacy_headers)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_colleague_opens(self):
        self.work_in_odoo(self.colleague)
        self.open(CHROME)
        self.click("our prices", CHROME)
        self.wait_and_process()
        self.assertNothingShown()
        self.assertActors(
            ("open", "internal", "known-device"), ("click", "internal", "known-device")
        )
        self.assertEqual(self.trackable.action_ids.user_id, self.colleague)
        # The customer, from another address.
        with patch.dict(config.options, proxy_mode=True):
            self.open(CHROME, **ELSEWHERE)
            self.click("our terms", CHROME, **ELSEWHERE)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertIn("clicked “our terms” ·", self.entry_text(self.lead))

    def test_sender_opens(self):
        self.work_in_odoo(self.salesperson)
        self.open(CHROME)
        self.wait_and_process()
        self.assertNothingShown()
        self.assertEqual(self.trackable.action_ids.user_id, self.salesperson)

    def test_logged_in_colleague_clicks(self):
        """On Odoo's host, the browser sends the session cookie."""
        self.authenticate(self.colleague.login, self.colleague.login)
        self.click("our prices", CHROME)
        self.wait_and_process()
        self.assertNothingShown()
        self.assertActors(("click", "internal", "session"))
        self.assertEqual(self.trackable.action_ids.user_id, self.colleague)

    def test_logged_in_portal_user_clicks(self):
        portal = new_test_user(self.env, "petra", "base.group_portal")
        self.authenticate(portal.login, portal.login)
        self.click("our prices", CHROME)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_invalid_session(self):
        session = self.authenticate(self.colleague.login, self.colleague.login)
        session["session_token"] = "forged"
        root.session_store.save(session)
        self.click("our prices", CHROME)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_untrusted_proxy(self):
        """Colleagues and customers share the proxy's address, which is ignored."""
        self.work_in_odoo(self.colleague)
        self.open(CHROME, **ELSEWHERE)
        self.assertEqual(self.env["trackable.hit"].search([]).ip, "")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=0)

    def work_in_odoo(self, user):
        """Log in a user, open Odoo and log out, so that Odoo logs the device."""
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
    def test_reply_implies_an_open(self):
        self.receive(self.reply(text="Thank you!"))
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertIn("opened an email (inferred)", self.entry_text(self.customer))
