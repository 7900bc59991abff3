"""Actions are deleted after the company's retention period; counters stay."""

from datetime import datetime, time, timedelta

import pytz

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.pipeline_tracking.models.privacy import trackable_email_retention

from ..helpers.aging_case import AgingCase

BODY = '<a href="https://x.com/a">a</a> <a href="https://x.com/b">b</a>'
BATCH_SIZE = trackable_email_retention.RETENTION_BATCH_SIZE


@tagged("post_install", "-at_install")
class TestRetention(AgingCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send(BODY)
        self.image = self.delivered.image_urls[0]

    def act(self):
        self.wait(600)
        self.hit(self.image)
        self.hit(self.delivered.links["a"])
        self.process()

    def test_actions_expire_after_the_months_of_the_company(self):
        self.act()
        counters = self.figures_of(self.trackable)
        self.age(363)
        self.assertEqual(self.clear(), (0, 0))
        self.assertEqual(len(self.trackable.action_ids), 2)
        self.assertTrue(self.entries(self.customer) and self.entries(self.lead))
        self.age(5)
        counters = self.figures_of(self.trackable)
        self.assertEqual(self.clear(), (1, 0))
        self.assertFalse(self.trackable.action_ids)
        self.assertFalse(self.entries(self.customer) or self.entries(self.lead))
        self.assertEqual(self.figures_of(self.trackable), counters)
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEqual(self.clear(), (0, 0))

    def test_each_company_has_its_retention_period(self):
        short, never = self.env["res.company"].create(
            [
                {"name": "Short", "tracking_keep_months": 1},
                {"name": "Never", "tracking_keep_months": 0},
            ]
        )
        self.act()
        for company, days, cleared in (
            (short, 35, True),
            (never, 5000, False),
            (self.env["res.company"], 35, False),
            (self.env["res.company"], 370, True),
        ):
            _delivered, email = self.send()
            self.hit(_delivered.image_urls[0])
            self.process()
            email.company_id = company
            self.age(days)
            self.clear()
            self.assertEqual(not email.action_ids, cleared, company.name)
            self.assertCounts(email, opens=1, clicks=0)
        with self.assertRaises(ValidationError):
            short.tracking_keep_months = -1

    def test_later_actions_add_to_the_totals(self):
        self.act()
        self.age(400)
        first = self.trackable.first_open_date
        self.clear()
        self.act()
        self.assertCounts(self.trackable, opens=2, clicks=2)
        self.assertEqual(self.trackable.raw_click_count, 2)
        self.assertEqual(
            self.trackable.first_open_date, first - timedelta(seconds=600)
        )  # `act` moved the date back
        self.assertGreater(self.trackable.last_open_date, first)
        self.assertEqual(len(self.trackable.action_ids), 2)
        self.assertIn(
            "opened an email, ", self.entry_text(self.customer), "only the later open"
        )
        # a second deletion adds to the same totals
        self.age(400)
        counters = self.figures_of(self.trackable)
        self.clear()
        self.assertEqual(self.figures_of(self.trackable), counters)
        self.assertEqual(self.trackable.total_ids.mapped("number"), [2, 2])

    def test_an_expired_inferred_open_is_not_inferred_again(self):
        self.wait(600)
        self.hit(self.delivered.links["a"])
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.age(400)
        self.clear()
        self.hit(self.delivered.links["b"])
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=2)
        self.assertEqual(self.trackable.action_ids.mapped("kind"), ["click"])
        self.assertEqual(self.trackable.raw_open_count, 0)

    def test_whole_days_of_the_sender_expire(self):
        for zone in ("Asia/Kolkata", "America/Chicago", "Pacific/Auckland", "UTC"):
            with self.subTest(zone):
                self.salesperson.tz = zone
                self.assertWholeDays(pytz.timezone(zone))

    def assertWholeDays(self, zone):
        """Assert that the clean-up deletes whole days, with their entries."""
        delivered, email = self.send(BODY)
        cut = (self.env.cr.now() - timedelta(days=367)).date()
        self.assertFalse(self.entries(self.customer))
        for days in range(-4, 5):
            for moment in (time(0, 1), time(12), time(23, 59)):
                local = datetime.combine(cut + timedelta(days=days), moment)
                date = zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)
                self.hit_at(delivered.image_urls[0], date)
        entries = {entry.date: entry.body for entry in self.entries(self.customer)}
        self.assertEqual(len(entries), 9)
        self.clear()
        remaining_entries = {
            entry.date: entry.body for entry in self.entries(self.customer)
        }
        self.assertLess(2, len(remaining_entries))
        self.assertLess(len(remaining_entries), 9)
        self.assertLessEqual(remaining_entries.items(), entries.items(), "unchanged")
        self.assertEqual(len(email.action_ids), 3 * len(remaining_entries))
        self.assertEqual(
            min(email.action_ids.mapped("occurred_at")), min(remaining_entries)
        )
        self.assertCounts(email, opens=27, clicks=0)
        email.unlink()
        self.assertFalse(self.entries(self.customer))

    def test_expired_notifications_are_not_repeated(self):
        self.salesperson.tracking_notice = "inbox"
        self.act()
        (notification,) = self.trackable.notice_message_ids
        self.age(400)
        _delivered, also = self.send()
        self.hit(_delivered.image_urls[0])
        self.wait(600)
        self.process()
        self.clear()
        self.assertFalse(notification.exists(), "its actions are deleted")
        self.assertTrue(also.notice_message_ids.exists())
        self.act()
        self.assertFalse(self.trackable.notice_message_ids)
        self.wait(60)
        self.hit(self.delivered.links["b"])
        self.process()
        self.assertIn("clicked", self.trackable.notice_message_ids.body)

    def test_badge_and_timeline_after_retention(self):
        self.act()
        message = self.trackable.mail_message_id.with_user(self.salesperson)
        self.assertFalse(message.get_tracking_timeline()["has_totals"])
        self.age(400)
        badge = message._get_tracking_badges()
        self.clear()
        self.assertEqual(message._get_tracking_badges(), badge)
        timeline = message.get_tracking_timeline()
        self.assertTrue(timeline["has_totals"])
        self.assertEqual(timeline["lines"], [])
        usage = self.trackable._read_link_usage()
        self.assertEqual(
            {link.label: used.count for (_email, link), used in usage.items()},
            {"a": 1},
        )

    def test_a_reply_on_an_expired_day(self):
        self.act()
        self.age(400)
        self.clear()
        opened = self.trackable.last_open_date
        self.env["trackable.hit"].create(
            {
                "trackable_email_id": self.trackable.id,
                "is_reply": True,
                "occurred_at": datetime.now(),
            }
        )
        self.process()
        self.assertTrue(self.trackable.reply_date)
        self.assertEqual(self.trackable.last_open_date, opened)
        self.assertCounts(self.trackable, opens=1, clicks=1)

    # ------------------------------------------------------------
    # Large numbers
    # ------------------------------------------------------------

    def add_emails(self, count):
        """Add trackable emails with two old actions each."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            WITH email AS (
                INSERT INTO trackable_email
                       (recipient_key, nonce, company_id, user_id, open_count,
                        oldest_action_date)
                SELECT 'x' || n, 1, %s, %s, 2, now() - interval '2 years'
                  FROM generate_series(1, %s) n
                RETURNING id
            )
            INSERT INTO trackable_email_action
                   (trackable_email_id, kind, actor, reason, occurred_at, is_counted)
            SELECT id, 'open', 'recipient', 'direct', now() - interval '2 years', TRUE
              FROM email, generate_series(1, 2)
            """,
            [self.env.company.id, self.salesperson.id, count],
        )
        self.env.invalidate_all()

    def test_in_batches(self):
        self.add_emails(BATCH_SIZE + 7)
        self.assertEqual(self.clear(), (BATCH_SIZE, BATCH_SIZE))
        self.assertEqual(self.clear(), (7, 0))
        self.assertEqual(self.clear(), (0, 0))

    def test_number_of_queries_does_not_grow(self):
        counts = []
        for number in (2, 100):
            self.add_emails(number)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(self.clear(), (number, 0))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[0], 20)
