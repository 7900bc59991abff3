"""Stop tracking for one email, for one recipient, or for the company."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import file_open

from ..common import TrackingCase


@tagged("post_install", "-at_install")
class TestStoppedTracking(TrackingCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send('<a href="https://x.com/">x</a>')

    def open(self, delivered):
        self.wait(100)
        self.hit(delivered.image_urls[0])
        self.process()

    def test_stopping_one_email(self):
        second_delivered, second = self.send()
        self.trackable.with_user(self.salesperson).action_stop()
        self.open(self.delivered)
        self.open(second_delivered)
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertCounts(second, opens=1, clicks=0)
        self.assertTracked(self.send()[0])

    def test_recent_clients_are_forgotten(self):
        second_delivered, second = self.send()
        self.open(self.delivered)
        self.open(second_delivered)
        emails = self.trackable | second
        self.assertEqual(len(emails.action_ids.sudo().client_ids), 2)
        self.trackable.with_user(self.salesperson).action_stop()
        self.assertFalse(self.trackable.action_ids.sudo().client_ids)
        self.assertTrue(second.action_ids.sudo().client_ids)
        self.assertCounts(self.trackable, opens=1, clicks=0)

    def test_a_stopped_email_is_no_longer_tracked(self):
        message = self.trackable.mail_message_id
        self.trackable.action_stop()
        self.assertEqual(self.trackable.status, "stopped")
        badge = message._get_tracking_badges()[message.id]
        self.assertTrue(badge["stopped"])
        _delivered, second = self.send()
        third = self.send(record=self.lead.copy())[1]
        plan = (self.trackable + third)._plan_follow_ups()
        self.assertEqual(
            list(plan.record_by_email), [third], "one of several is left out"
        )
        badge = second.mail_message_id._get_tracking_badges()[second.mail_message_id.id]
        self.assertFalse(badge["stopped"])
        plan = (second + third)._plan_follow_ups()
        self.assertEqual(list(plan.record_by_email), [second, third])

    def test_opting_a_recipient_out(self):
        _delivered, second = self.send()
        self.trackable.with_user(self.salesperson).action_object()
        self.assertEqual(self.customer.tracking_consent, "objected")
        self.assertEqual(
            self.customer.tracking_consent_origin, "Entered by Sally Sales"
        )
        self.assertTrue(self.trackable.is_stopped and second.is_stopped)
        self.inbox.emails.clear()
        self.assertRefused(self.post(), "objected")

    def test_opting_out_an_address_without_a_contact(self):
        Objection = self.env["trackable.objection"]
        self.trackable.email_to = "nobody@x.com"
        self.trackable.action_object()
        (objection,) = Objection.search([("email_normalized", "=", "nobody@x.com")])
        self.assertEqual(objection.tracking_consent, "objected")
        self.assertTrue(objection.tracking_consent_date)
        self.trackable.action_object()
        self.assertEqual(
            Objection.search_count([("email_normalized", "=", "nobody@x.com")]), 1
        )
        manager = self.new_manager()
        with self.assertRaises(AccessError):
            objection.with_user(self.salesperson).read(["email_normalized"])
        for user in (self.salesperson, manager):
            with self.assertRaises(AccessError):
                objection.with_user(user).unlink()
        objection.with_user(
            new_test_user(self.env, "ada", "base.group_system")
        ).unlink()
        self.assertIsNone(Objection._read_consents(["nobody@x.com"])["nobody@x.com"])

    def test_an_unknown_recipient_cannot_be_opted_out(self):
        self.trackable.email_to = False
        with self.assertRaises(UserError):
            self.trackable.action_object()

    def test_only_users_who_may_read_an_email_can_stop_it(self):
        stranger = new_test_user(self.env, "stan", "base.group_user")
        for name in ("action_stop", "action_object"):
            with self.assertRaises(AccessError):
                getattr(self.trackable.with_user(stranger), name)()
        self.assertFalse(self.trackable.is_stopped)

    def test_tracking_is_switched_off(self):
        self.hit(self.delivered.image_urls[0])
        self.env.company.is_tracking_allowed = False
        self.process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.inbox.emails.clear()
        self.assertRefused(self.post(), "not_allowed")
        self.env.company.is_tracking_allowed = True
        self.open(self.delivered)
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertTracked(self.send()[0])

    def test_tracking_is_switched_off_in_one_company(self):
        other = self.env["res.company"].create(
            {"name": "Other", "is_tracking_allowed": False}
        )
        self.salesperson.company_ids += other
        self.lead.company_id = other
        self.inbox.emails.clear()
        self.assertRefused(self.post(), "not_allowed")
        composer = self.full_composer(user=self.env.user).create(
            {"partner_ids": self.customer.ids, "is_tracked": True}
        )
        self.assertEqual(composer.untracked_reason, "not_allowed")
        self.lead.company_id = self.env.company
        composer.invalidate_recordset()
        self.assertFalse(composer.untracked_reason)

    def test_a_neutralized_copy_sends_nothing_tracked(self):
        self.env.flush_all()
        with file_open("pipeline_tracking/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.inbox.emails.clear()
        self.assertRefused(self.post(), "not_allowed")

    def test_users_without_a_choice_follow_the_company(self):
        user = self.salesperson.with_user(self.salesperson)
        self.assertTrue(user.track_emails)
        self.env.company.track_emails_by_default = False
        self.assertFalse(user.track_emails)
        user.track_emails = True
        self.assertTrue(user.track_emails)
        self.assertFalse(self.colleague.track_emails)
        self.env.company.track_emails_by_default = True
        user.track_emails = False
        self.assertFalse(user.track_emails)
        self.assertTrue(self.colleague.track_emails)
