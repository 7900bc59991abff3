"""For tests of what is kept, and for how long: days, months and years go by."""

import random

from odoo.tools import SQL

from ..common import TrackingCase
from .mailing_activity_case import MailingLifeCase

DATES = {
    "mail_message": ["date"],
    "mailing_trace": ["open_datetime", "links_click_datetime"],
}


class AgingMixin:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No daylight saving time: so many days ago it was the same time of day.
        cls.salesperson.tz = "Asia/Kolkata"

    def age(self, days):
        """Let days pass: all that has happened is that much longer ago."""
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
        self.env.cr.execute("UPDATE trackable_email_entry SET day = day - %s", [days])
        self.env.invalidate_all()

    def hit_at(self, url, date):
        """As `hit`, at some time, understood at once."""
        self.hit(url)
        self.env.flush_all()
        self.env.cr.execute("UPDATE trackable_hit SET occurred_at = %s", [date])
        self.env.invalidate_all()
        self.process()

    def clear(self):
        """What the job of every night does of it."""
        done = self.env["trackable.email"]._gc_actions()
        self.env.invalidate_all()
        return done

    def figures_of(self, emails):
        """All that their counters say."""
        return emails.read(
            [
                "open_count",
                "click_count",
                "unknown_open_count",
                "raw_open_count",
                "raw_click_count",
                "opened",
                "first_open_date",
                "last_open_date",
                "reply_date",
            ]
        )


class AgingCase(AgingMixin, TrackingCase):
    """In one transaction, with SMTP for real."""


class AgingMailingCase(AgingMixin, MailingLifeCase):
    """With a mailing, and what became of it."""

    def urls(self, delivered):
        """By their texts: the same in each mailing, whatever the tokens are."""
        return [url for _text, url in sorted(delivered.links.items()) if "/t/" in url]

    def send_and_live(self, seed):
        mailing, arrived = self.send_one(subject=f"News {seed}")
        self.live(random.Random(seed), arrived, 70)
        return mailing, arrived
