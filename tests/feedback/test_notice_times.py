"""Notifications wait until quiet hours end, and for a while after sending."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from ..helpers.held_clicks_case import HOLD, LINKS
from ..helpers.notice_case import NoticeCase

OPENED = "opened your email “Proposal”"


@tagged("post_install", "-at_install")
class TestEmailToOneself(NoticeCase):
    def test_email_to_oneself_does_not_notify(self):
        self.trackable.partner_id = self.salesperson.partner_id
        self.hit(self.image)
        self.assertToasts()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertFalse(self.trackable.notice_at)

    def test_email_to_another_user_or_address_notifies(self):
        for partner in (self.colleague.partner_id, self.env["res.partner"]):
            with self.subTest(partner=partner):
                delivered, email = self.send()
                self.wait(3600)
                email.partner_id = partner
                self.hit(delivered.image_urls[0])
                self.assertEqual(len(self.toasts()), 1)

    def test_plan_costs_no_query_for_each_email(self):
        first = self.trackable
        self.hit(self.image)
        others = self.env["trackable.email"]
        for _number in range(3):
            delivered, email = self.send()
            self.wait(3600)
            self.hit(delivered.image_urls[0])
            others |= email
        self.process()
        (first | others).write({"notified_keys": False, "notice_at": False})

        def plan(emails):
            self.assertEqual(
                len(emails._plan_notice_times(emails.action_ids, {})), len(emails)
            )

        self.assertEqual(
            self.count_queries(lambda: plan(first)),
            self.count_queries(lambda: plan(first | others)),
        )


@tagged("post_install", "-at_install")
class TestSoonAfterSending(NoticeCase):
    def setUp(self):
        super().setUp()
        self.hold(HOLD)
        self.trackable.sent_date = fields.Datetime.now() - timedelta(minutes=3)

    def test_open_waits_for_clicks_of_scanner(self):
        self.hit(self.image)
        self.assertToasts()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.wait(HOLD + 5)
        self.assertToasts()
        self.wait(10)
        self.assertToasts(OPENED)

    def test_scanner_does_not_notify(self):
        self.hit(self.image)
        self.assertToasts()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.wait(1)
        self.click(*LINKS)
        self.assertToasts()
        self.wait(HOLD)
        self.assertToasts()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.wait(20)
        self.assertToasts()
        self.assertFalse(self.trackable.notice_at)
        self.wait(3600)
        self.hit(self.image)
        self.assertToasts(OPENED)

    def test_click_waits_only_while_it_is_held(self):
        self.hit(self.image)
        self.click("prices")
        self.assertToasts()
        self.wait(HOLD)
        self.assertToasts("opened your email “Proposal” and clicked “prices”")
        self.wait(60)
        self.assertToasts()

    def test_later_open_notifies_at_once(self):
        self.trackable.sent_date = fields.Datetime.now() - timedelta(minutes=6)
        self.hit(self.image)
        self.assertToasts(OPENED)

    def test_open_notifies_at_once_if_clicks_are_not_held(self):
        self.hold(0)
        self.hit(self.image)
        self.assertToasts(OPENED)

    def test_cron_job_is_scheduled_for_due_notification(self):
        cron = self.env.ref("pipeline_tracking.ir_cron_process_hits")
        Trigger = self.env["ir.cron.trigger"]
        cron_domain = [("cron_id", "=", cron.id)]
        Trigger.search(cron_domain).unlink()
        self.hit(self.image)
        self.process()
        opened = self.trackable.first_open_date
        Hit = self.env["trackable.hit"]
        for _run in range(2):
            Hit._schedule_next_run()
            (trigger,) = Trigger.search(cron_domain)
            wait = trigger.call_at - opened
            self.assertGreaterEqual(wait, timedelta(seconds=HOLD))
            self.assertLessEqual(wait, timedelta(seconds=HOLD + 15))
        Trigger.search(cron_domain).unlink()
        self.wait(60)
        self.assertToasts(OPENED)
        Hit._schedule_next_run()
        self.assertFalse(Trigger.search(cron_domain), "no notification is due")


@tagged("post_install", "-at_install")
class TestQuietHours(NoticeCase):
    """Sally's quiet hours are from 18:00 to 8:00 in Paris."""

    def setUp(self):
        super().setUp()
        self.salesperson.write({"tracking_quiet_from": 18, "tracking_quiet_to": 8})

    def at_time(self, moment):
        """Patch the time that quiet hours are compared with to a moment in UTC."""
        get_quiet_end = self.registry["res.users"]._get_tracking_quiet_end
        return patch.object(
            self.registry["res.users"],
            "_get_tracking_quiet_end",
            lambda user, _now: get_quiet_end(user, datetime.fromisoformat(moment)),
        )

    def test_news_in_quiet_hours_is_delivered_together(self):
        for way in ("toast", "inbox"):
            with self.subTest(way), self.at_time("2036-01-15 19:00"):
                self.choose(way)
                delivered, email = self.send('<a href="https://x.com/">x</a>')
                self.wait(3600)
                self.hit(delivered.image_urls[0])
                self.assertToasts()
                self.assertEqual(
                    email.notice_at, datetime(2036, 1, 16, 7), "8:00 in winter"
                )
                self.hit(delivered.links["x"])
                self.assertToasts()
                self.assertEqual(self.inbox_messages(), [])
                self.assertEqual(email.notice_at, datetime(2036, 1, 16, 7))
                self.assertCounts(email, opens=1, clicks=1)
            with self.subTest(way), self.at_time("2036-01-16 07:00"):
                email.notice_at = fields.Datetime.now()
                if way == "toast":
                    self.assertToasts("opened your email “x” and clicked “x”")
                else:
                    self.assertInbox(
                        "Carla Customer opened your email “x” and clicked “x”"
                    )

    def test_news_of_several_emails_is_delivered_together(self):
        others = [self.send() for _ in range(3)]
        emails = self.trackable.union(*(email for _delivered, email in others))
        self.wait(3600)
        with self.at_time("2036-06-30 22:00"):
            for delivered, _email in [*others, (self.delivered, self.trackable)]:
                self.hit(delivered.image_urls[0])
                self.assertToasts()
        self.assertEqual(
            set(emails.mapped("notice_at")), {datetime(2036, 7, 1, 6)}, "summer"
        )
        emails.notice_at = fields.Datetime.now()
        with self.at_time("2036-07-01 06:00"):
            (toast,) = self.toasts()
        self.assertEqual(toast["count"], 4)
        self.assertEqual(set(toast["email_ids"]), set(emails.ids))

    def test_cron_job_is_scheduled_for_end_of_quiet_hours(self):
        cron = self.env.ref("pipeline_tracking.ir_cron_process_hits")
        cron_domain = [("cron_id", "=", cron.id)]
        self.env["ir.cron.trigger"].search(cron_domain).unlink()
        with self.at_time("2036-01-15 19:00"):
            self.hit(self.image)
            self.assertToasts()
        self.env["trackable.hit"]._schedule_next_run()
        (trigger,) = self.env["ir.cron.trigger"].search(cron_domain)
        self.assertEqual(trigger.call_at, datetime(2036, 1, 16, 7, 0, 1))

    def test_news_outside_quiet_hours_notifies_at_once(self):
        with self.at_time("2036-01-15 12:00"):
            self.hit(self.image)
            self.assertToasts(OPENED)

    def test_notifications_turned_off_in_quiet_hours(self):
        with self.at_time("2036-01-15 19:00"):
            self.hit(self.image)
            self.assertToasts()
        self.choose("off")
        self.trackable.notice_at = fields.Datetime.now()
        self.assertToasts()
        self.assertFalse(self.trackable.notice_at)


@tagged("post_install", "-at_install")
class TestSettings(NoticeCase):
    def test_users_edit_only_their_preferences(self):
        user = self.salesperson.with_user(self.salesperson)
        user.write({"tracking_notice": "inbox", "tracking_quiet_from": 20})
        self.assertEqual(user.tracking_notice, "inbox")
        with self.assertRaises(AccessError):
            self.colleague.with_user(self.salesperson).tracking_notice = "off"

    def test_invalid_quiet_hours_are_refused(self):
        for values in (
            {"tracking_quiet_from": -1},
            {"tracking_quiet_to": 24.5},
            {"tracking_quiet_from": 0, "tracking_quiet_to": 24},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, "(?i)quiet hours"),
                self.env.cr.savepoint(),
            ):
                self.salesperson.write(values)
        self.salesperson.write({"tracking_quiet_from": 18, "tracking_quiet_to": 24})

    def test_unknown_time_zone_is_utc(self):
        self.salesperson.write({"tracking_quiet_from": 0, "tracking_quiet_to": 23.5})
        self.env.cr.execute(
            "UPDATE res_partner SET tz = 'Old/Zone' WHERE id = %s",
            [self.salesperson.partner_id.id],
        )
        self.env.invalidate_all()
        ends_at = self.salesperson._get_tracking_quiet_end(datetime(2026, 1, 15, 12))
        self.assertEqual(ends_at, datetime(2026, 1, 15, 23, 30), "UTC")

    def test_preferences_form(self):
        view = self.env.ref("base.view_users_form_simple_modif")
        user = self.salesperson.with_user(self.salesperson)
        with Form(user, view) as form:
            self.assertEqual(form.tracking_notice, "toast", "by default")
            self.assertFalse(form.tracking_quiet, "by default")
            form.tracking_quiet = True
            self.assertEqual(
                (form.tracking_quiet_from, form.tracking_quiet_to), (18, 8)
            )
            form.tracking_quiet_from = 20
        self.assertEqual((user.tracking_quiet_from, user.tracking_quiet_to), (20, 8))
        with Form(user, view) as form:
            self.assertTrue(form.tracking_quiet)
            form.tracking_quiet = False
        self.assertEqual(user.tracking_quiet_from, user.tracking_quiet_to)
        self.assertFalse(user.tracking_quiet)

    def test_quiet_hours_box_shows_stored_times(self):
        self.salesperson.write({"tracking_quiet_from": 18, "tracking_quiet_to": 8})
        self.assertTrue(self.salesperson.tracking_quiet)
        self.salesperson.tracking_quiet = True
        self.assertEqual(self.salesperson.tracking_quiet_to, 8, "unchanged")
        self.salesperson.write({"tracking_quiet_from": 8})
        self.assertFalse(self.salesperson.tracking_quiet, "equal times")
        user = self.colleague.with_user(self.colleague)
        user.write({"tracking_quiet": True, "tracking_quiet_from": 22})
        self.assertEqual((user.tracking_quiet_from, user.tracking_quiet_to), (22, 0))
        user.tracking_quiet = False
        self.assertIsNone(user._get_tracking_quiet_end(datetime(2036, 1, 15, 23)))
