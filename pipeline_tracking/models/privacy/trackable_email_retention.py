from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..res_company import KEEP_MONTHS

RETENTION_BATCH_SIZE = 500  # trackable emails
# A day is over everywhere so long after it is in UTC, and has begun everywhere so long
# before: the time zones are from UTC-12 to UTC+14.
ANYWHERE = timedelta(hours=14)

# Trackable emails with actions older than their companies keep them, and the first day
# whose actions stay.
DUE_RETENTION = SQL(
    """
    SELECT email.id, kept.day
      FROM (SELECT company_id,
                   (now() AT TIME ZONE 'UTC' - make_interval(months => months)
                    - %(anywhere)s)::date AS day
              FROM (SELECT id AS company_id,
                           COALESCE(tracking_keep_months, %(months)s) AS months
                      FROM res_company
                     UNION ALL
                    SELECT 0, %(months)s) AS setting
             WHERE months > 0) AS kept
      JOIN trackable_email email
        ON COALESCE(email.company_id, 0) = kept.company_id
       AND email.oldest_action_date < kept.day - %(anywhere)s
     LIMIT %(limit)s
       FOR NO KEY UPDATE OF email SKIP LOCKED
    """,
    anywhere=ANYWHERE,
    months=KEEP_MONTHS,
    limit=RETENTION_BATCH_SIZE,
)


class TrackableEmail(models.Model):
    """Delete actions that are older than their company keeps them (extends
    trackable.email). Totals stay.
    """

    _inherit = "trackable.email"

    @api.autovacuum
    def _gc_actions(self):
        """Clear what some of the trackable emails have kept long enough; not of those
        that somebody else is working on.

        :return: how many trackable emails are done, and how many more may be due
        :rtype: tuple[int, int]
        """
        # sudo: trackable.email, trackable.email.entry, mail.message - nobody has the
        # right to change them
        self = self.sudo()
        self.env.flush_all()
        # Locked, as `trackable.hit._claim` does: the first statement.
        rows = self.env.execute_query(DUE_RETENTION)
        emails = self.browse(email_id for email_id, _day in rows)
        days = (day for _id, day in rows)
        self._delete_before(dict(zip(emails, days, strict=True)))
        is_full = len(rows) == RETENTION_BATCH_SIZE
        return len(rows), RETENTION_BATCH_SIZE if is_full else 0

    @api.model
    def _delete_before(self, days):
        """Clear the actions of before some day, by their senders' calendars, and what
        the chatter and the inbox tell of them: whole days, so that nothing that is
        told is half of it.

        :param dict days: trackable email -> date, the first that stays
        """
        if not days:
            return
        until = {email: email._get_start_of_day(day) for email, day in days.items()}
        self.env["trackable.action.total"]._replace_by_totals(
            SQL(
                """
                SELECT action.id
                  FROM unnest(%s::integer[], %s::timestamp[]) AS span (email_id, until)
                  JOIN trackable_email_action action
                    ON action.trackable_email_id = span.email_id
                   AND action.occurred_at < span.until
                """,
                [email.id for email in until],
                list(until.values()),
            )
        )
        emails = self.union(*days)
        entries = self.env["trackable.email.entry"].search(
            Domain.OR(
                Domain("trackable_email_id", "in", own.ids) & Domain("day", "<", day)
                for day, own in emails.grouped(days.get).items()
            )
        )
        notices = [
            notice.id
            for email in emails
            for notice in email.notice_message_ids
            if notice.date < until[email]
        ]
        (entries.mail_message_id | self.env["mail.message"].browse(notices)).unlink()
