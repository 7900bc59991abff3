"""Let days, months and years pass, for tests of retention."""

import random

from odoo.tools import SQL

from ..common import TrackingCase
from .mailing_activity_case import MailingActivityCase

FAR_AWAY = 100_000  # days
DATES = {
    "mail_message": ["date"],
    "mailing_trace": ["open_datetime", "links_click_datetime"],
}


class AgingMixin:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # This time zone has no daylight saving time: whole days keep the time of day.
        cls.salesperson.tz = "Asia/Kolkata"

    def age(self, days):
        """Let days pass: move all stored times into the past."""
        self.wait(days * 24 * 3600)
        for table, columns in DATES.items():
            for column in columns:
                self.env.cr.execute(
                    SQL(
                        "UPDATE %(table)s SET %(column)s = %(column)s"
                        " - make_interval(days => %(days)s)",
                        table=SQL.identifier(table),
                        column=SQL.identifier(column),
                        days=days,
                    )
                )
        # In two steps: a day that is still taken would violate the unique index.
        for shift in (days + FAR_AWAY, -FAR_AWAY):
            self.env.cr.execute(
                "UPDATE trackable_email_entry SET day = day - %s", [shift]
            )
        self.env.invalidate_all()

    def hit_at(self, url, date):
        """Record a hit at a time, and process it."""
        self.hit(url)
        self.env.flush_all()
        self.env.cr.execute("UPDATE trackable_hit SET occurred_at = %s", [date])
        self.env.invalidate_all()
        self.process()

    def clear(self):
        """Delete expired actions, as the nightly job does, and return its result."""
        done = self.env["trackable.email"]._gc_expired_actions()
        self.env.invalidate_all()
        return done

    def figures_of(self, emails):
        """Return all counters of emails."""
        return emails.read(
            [
                "open_count",
                "click_count",
                "unknown_open_count",
                "raw_open_count",
                "raw_click_count",
                "status",
                "first_open_date",
                "last_open_date",
                "download_count",
                "last_action_date",
                "reply_date",
            ]
        )


class AgingCase(AgingMixin, TrackingCase):
    """Let time pass for single emails."""


class AgingMailingCase(AgingMixin, MailingActivityCase):
    """Let time pass for mailings and the actions on them."""

    def urls(self, delivered):
        """Return tracked URLs sorted by link text: the same order in each mailing."""
        return [url for _text, url in sorted(delivered.links.items()) if "/t/" in url]

    def send_and_act_at_random(self, seed):
        mailing, arrived = self.send_mailing_with_file(subject=f"News {seed}")
        self.act_at_random(random.Random(seed), arrived, 70)
        return mailing, arrived
