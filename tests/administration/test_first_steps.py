"""The first steps after the installation: their state, and the test email."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store
from odoo.addons.pipeline_tracking.tools import consent
from odoo.addons.pipeline_tracking.tools.self_test import Finding

from ..common import APPLE_MPP, TrackingCase

STEPS = ("check", "test", "consent", "access")


@tagged("post_install", "-at_install")
class TestFirstSteps(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_test_user(
            cls.env, "adam", "base.group_system", email="Adam <adam@acme.example.com>"
        )
        cls.manager = cls.new_manager()

    def setUp(self):
        super().setUp()
        self.setup = self.env["trackable.setup"].with_user(self.administrator)

    def done_steps(self, user=None):
        steps = self.setup.with_user(user or self.administrator).get_steps()
        return {name for name in STEPS if steps[name]["is_done"]}

    def send_test(self, user=None):
        """Send the test email; return what arrived, and its trackable email."""
        self.setup.with_user(user or self.administrator).send_test_email()
        (delivered,) = self.inbox.emails
        return delivered, self.env["trackable.email"].search([], limit=1)

    # ------------------------------------------------------------
    # The state
    # ------------------------------------------------------------

    def test_nothing_is_done_at_first(self):
        self.assertEqual(self.done_steps(), set())
        self.assertFalse(self.setup.get_steps()["is_closed"])
        self.assertEqual(self.setup.get_steps()["check"]["text"], "")

    def test_the_check_is_done_if_it_found_no_problem(self):
        for key, state, is_done, text in (
            ("works", "ok", True, "Email tracking works"),
            ("works_with_warning", "warning", True, "with 1 warning"),
            ("works_with_warnings", "warning", True, "with 2 warnings"),
            ("tests_only", "warning", False, "for tests only"),
            ("problem", "error", False, "1 problem"),
            ("off", "notice", False, "Email tracking is off"),
        ):
            self.setup._store_check(Finding(key, state, {"warnings": 2}))
            step = self.setup.get_steps()["check"]
            self.assertEqual((step["is_done"], step["state"]), (is_done, state))
            self.assertIn(text, step["text"])
            settings = self.env["res.config.settings"].with_user(self.administrator)
            self.assertIn(text, settings.new().tracking_check_result)

    def test_a_step_is_marked_as_done(self):
        self.setup.mark_done("consent")
        self.assertEqual(self.done_steps(), {"consent"})
        self.setup.mark_done("access")
        self.assertEqual(self.done_steps(), {"access", "consent"})
        self.setup.mark_done("check")
        self.assertEqual(self.done_steps(), {"access", "consent"}, "only by the check")

    def test_the_panel_is_closed_for_the_company(self):
        self.setup.set_closed(True)
        self.assertTrue(self.setup.with_user(self.manager).get_steps()["is_closed"])
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.administrator.company_ids |= elsewhere
        there = self.setup.with_company(elsewhere)
        self.assertFalse(there.get_steps()["is_closed"])
        self.setup.mark_done("access")
        self.assertTrue(self.setup.get_steps()["is_closed"], "still closed")
        self.setup.set_closed(False)
        self.assertFalse(self.setup.get_steps()["is_closed"])
        self.assertEqual(self.done_steps(), {"access"})

    def test_the_facts_of_the_steps(self):
        steps = self.setup.get_steps()
        self.assertTrue(steps["is_administrator"])
        self.assertFalse(steps["consent"]["needs_agreement"])
        managers = steps["access"]["managers"]
        self.env.company.tracking_consent_mode = consent.WHEN_AGREED
        self.colleague.group_ids |= self.env.ref("pipeline_tracking.group_manager")
        steps = self.setup.with_user(self.manager).get_steps()
        self.assertFalse(steps["is_administrator"])
        self.assertTrue(steps["consent"]["needs_agreement"])
        self.assertEqual(steps["access"]["managers"], managers + 1)
        self.colleague.active = False
        self.assertEqual(self.setup.get_steps()["access"]["managers"], managers)

    def test_only_administrators_and_managers_see_the_steps(self):
        for user in (self.salesperson, self.colleague):
            for method, *args in (
                ("get_steps",),
                ("send_test_email",),
                ("mark_done", "access"),
                ("set_closed", True),
            ):
                with self.subTest(method=method), self.assertRaises(AccessError):
                    getattr(self.setup.with_user(user), method)(*args)
        self.assertFalse(self.inbox.emails)
        for user in (self.administrator, self.manager):
            self.assertEqual(self.done_steps(user), set())

    def test_the_web_client_knows_who_sees_the_steps(self):
        for user, expected in (
            (self.administrator, True),
            (self.manager, True),
            (self.salesperson, None),
        ):
            store = Store()
            self.env["res.users"].with_user(user)._init_store_data(store)
            values = store.get_result().get("Store", {})
            self.assertEqual(values.get("showsTrackingSetup"), expected, user.login)

    # ------------------------------------------------------------
    # The test email
    # ------------------------------------------------------------

    def test_the_test_email_is_tracked(self):
        for user in (self.administrator, self.manager):
            self.inbox.emails.clear()
            delivered, trackable = self.send_test(user)
            self.assertEqual(delivered.recipients, [user.email_normalized])
            self.assertTracked(delivered)
            (url,) = delivered.links.values()
            self.assertIn("/t/", url)
            self.assertEqual(trackable.user_id, user)
            self.assertEqual(trackable.company_id, self.env.company)
            step = self.setup.with_user(user).get_steps()["test"]
            self.assertEqual(step["sent_to"], user.email_normalized)
            self.assertFalse(step["is_done"])

    def test_any_open_but_an_automated_one_is_shown(self):
        for expected, values in (
            ("", {"method": "HEAD"}),
            ("internal", {"user_id": self.administrator.id}),
            ("unknown", {"user_agent": APPLE_MPP}),
            ("recipient", {}),
        ):
            with self.subTest(actor=expected):
                self.inbox.emails.clear()
                delivered, _trackable = self.send_test()
                self.wait(3600)
                self.hit(delivered.image_urls[0], **values)
                self.process()
                step = self.setup.get_steps()["test"]
                self.assertEqual(step["actor"], expected)
                self.assertEqual(step["is_done"], bool(expected))
                self.assertEqual(bool(step["opened_at"]), bool(expected))

    def test_a_click_is_shown(self):
        delivered, _trackable = self.send_test()
        self.wait(3600)
        (url,) = delivered.links.values()
        self.hit(url)
        self.process()
        self.assertEqual(self.done_steps(), {"test"})

    def test_another_test_starts_again(self):
        delivered, _trackable = self.send_test()
        self.wait(3600)
        self.hit(delivered.image_urls[0])
        self.process()
        self.assertEqual(self.done_steps(), {"test"})
        self.setup.send_test_email()
        self.assertEqual(self.done_steps(), set())

    def test_the_test_email_needs_no_recorded_agreement(self):
        self.env.company.tracking_consent_mode = consent.WHEN_AGREED
        delivered, _trackable = self.send_test()
        self.assertTracked(delivered)
        self.inbox.emails.clear()
        self.assertRefused(self.post(), "not_agreed")

    def test_an_untracked_test_email_is_explained(self):
        administrator = self.administrator.partner_id
        cases = (
            (lambda: self.set_base_url("http://localhost"), "no public address"),
            (
                lambda: self.env.company.write({"is_tracking_allowed": False}),
                "tracking is off",
            ),
            (
                lambda: administrator.write({"tracking_consent": "objected"}),
                "opted out",
            ),
            (lambda: administrator.write({"email": False}), "no valid email address"),
        )
        for prepare, text in cases:
            with (
                self.subTest(text=text),
                self.assertRaisesRegex(UserError, text),
                self.env.cr.savepoint(),
            ):
                prepare()
                self.setup.send_test_email()
            self.assertEqual(self.done_steps(), set())

    def test_a_test_email_that_cannot_be_sent_is_explained(self):
        self.inbox.refuses = True
        with self.assertRaisesRegex(UserError, "(?s)was not sent.*5.7.1 Refused"):
            self.setup.send_test_email()
        self.assertFalse(self.env["trackable.email"].search([]).filtered("sent_date"))

    def test_emails_to_colleagues_stay_untracked(self):
        """A request cannot contain the mark of a test email."""
        for value in (True, 1, "TEST_EMAIL", {}):
            record = self.lead.with_context(tracking_test=value)
            message = self.post(
                record=record, partner_ids=self.salesperson.partner_id.ids
            )
            self.assertFalse(self.trackable_emails(message))
            message = self.post(
                record=record, partner_ids=self.colleague.partner_id.ids
            )
            self.assertRefused(message, "no_recipient")
            self.inbox.emails.clear()
