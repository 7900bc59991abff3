"""Send Later suggests when a customer usually opens emails."""

from datetime import datetime, timedelta

import pytz

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..helpers.mailing_case import MailingCase

NOW = datetime(2026, 11, 30, 12)  # a Monday
# Four Tuesdays before, at 8:30 in UTC and 9:30 in Paris; and another day.
HABIT = [datetime(2026, 11, day, 8, 30) for day in (3, 10, 17, 24)]
HABIT += [datetime(2026, 11, 20, 15)]


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestUsualOpeningTimes(MailingCase):
    def setUp(self):
        super().setUp()
        _delivered, self.trackable = self.send()

    def make(self, trackable, times, **values):
        return self.env["trackable.email.action"].create(
            [
                {
                    "trackable_email_id": trackable.id,
                    "kind": "open",
                    "actor": "recipient",
                    "occurred_at": time,
                    **values,
                }
                for time in times
            ]
        )

    def suggest(self, partners=None, user=None, **context):
        partners = (partners or self.customer).with_user(user or self.salesperson)
        return partners.with_context(
            **{"tz": "Europe/Paris", **context}
        ).get_usual_opening_times()

    def test_a_suggestion(self):
        self.make(self.trackable, HABIT)
        expected = {
            "id": self.customer.id,
            "name": "Carla Customer",
            "weekday": 2,
            "start": 9,
            "end": 10,
            "next": "2026-12-01 08:00:00",
        }
        self.assertEqual(self.suggest(), [expected])
        self.assertEqual(
            self.suggest(tz="America/New_York"),
            [{**expected, "start": 3, "end": 4, "next": "2026-12-01 08:00:00"}],
        )
        self.assertEqual(
            self.suggest(tz="Asia/Kolkata"),
            [{**expected, "start": 14, "end": 15, "next": "2026-12-01 08:30:00"}],
        )

    def test_the_time_zone_of_the_user_applies_without_a_time_zone_of_the_browser(self):
        self.make(self.trackable, HABIT)
        (suggestion,) = self.suggest(tz=False)
        self.assertEqual(suggestion["start"], 9)
        self.salesperson.tz = False
        # Another context, because Odoo caches the time zone of an environment.
        (suggestion,) = self.suggest(tz=None)
        self.assertEqual(suggestion["start"], 8)

    def test_hours_are_local_before_and_after_a_change_of_the_clock(self):
        paris = pytz.timezone("Europe/Paris")
        days = [datetime(2026, 10, day, 9, 30) for day in (6, 13, 20, 27)]
        days += [datetime(2026, 11, 3, 9, 30)]
        times = [
            paris.localize(day).astimezone(pytz.utc).replace(tzinfo=None)
            for day in days
        ]
        self.assertEqual({time.hour for time in times}, {7, 8})
        self.make(self.trackable, times)
        (suggestion,) = self.suggest()
        self.assertEqual((suggestion["start"], suggestion["end"]), (9, 10))

    def test_only_counted_opens_of_the_last_year_count(self):
        for values in (
            {"actor": "machine"},
            {"actor": "unknown"},
            {"actor": "internal"},
            {"is_repeat": True},
            {"kind": "click"},
            {"kind": "download"},
        ):
            self.make(self.trackable, HABIT, **values)
        self.make(self.trackable, [time - timedelta(days=364) for time in HABIT[:1]])
        self.make(self.trackable, [time - timedelta(days=371) for time in HABIT])
        self.assertEqual(self.suggest(), [])
        self.make(self.trackable, HABIT)
        self.assertEqual(len(self.suggest()), 1)

    def test_mailings_do_not_count(self):
        mailing, _arrived = self.send_mailing()
        email = self.emails_of(mailing)[self.contacts[0].email]
        email.write({"partner_id": self.customer.id, "user_id": self.salesperson.id})
        self.make(email, HABIT)
        self.assertEqual(self.suggest(), [])
        email.mailing_id = False
        self.assertEqual(len(self.suggest()), 1)

    def test_users_get_suggestions_from_emails_that_they_may_see(self):
        self.make(self.trackable, HABIT)
        manager = self.new_manager()
        portal = new_test_user(self.env, "petra", "base.group_portal")
        self.assertEqual(len(self.suggest(user=manager)), 1)
        self.assertEqual(self.suggest(user=self.colleague), [])
        with self.assertRaises(AccessError):
            self.suggest(user=portal)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.trackable.company_id = elsewhere
        self.assertEqual(self.suggest(user=manager), [])
        self.assertEqual(self.suggest(), [])

    def test_contacts_that_the_user_may_not_read_have_no_suggestion(self):
        self.make(self.trackable, HABIT)
        self.customer.company_id = self.env["res.company"].create({"name": "E"})
        self.assertEqual(self.suggest(), [])

    def test_the_number_of_queries_does_not_depend_on_the_data(self):
        def count():
            return self.count_queries(lambda: self.suggest(self.customer | self.other))

        self.make(self.trackable, HABIT)
        self.suggest()
        before = count()
        others = self.trackable_emails(
            self.post(record=self.other, partner_ids=self.other.ids)
        )
        for _ in range(5):
            self.make(others, HABIT)
            self.make(self.trackable, HABIT)
        self.assertEqual(len(self.suggest(self.customer | self.other)), 2)
        self.assertLessEqual(count(), before)
