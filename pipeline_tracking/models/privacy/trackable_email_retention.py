"""Delete actions after their company's retention period (extends trackable.email).

Totals stay.
"""

from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..res_company import KEEP_MONTHS

RETENTION_BATCH_SIZE = 500  # trackable emails
# Time zones are from UTC-12 to UTC+14: a day begins at most this long before, and ends
# at most this long after, the same day in UTC.
MAX_UTC_OFFSET = timedelta(hours=14)

# Selects trackable emails with actions older than their company's retention period, and
# the first day whose actions stay.
DUE_RETENTION = SQL(
    """
    SELECT email.id, retention.first_day
      FROM (SELECT company_id,
                   (now() AT TIME ZONE 'UTC' - make_interval(months => months)
                    - %(max_offset)s)::date AS first_day
              FROM (SELECT id AS company_id,
                           COALESCE(tracking_keep_months, %(months)s) AS months
                      FROM res_company
                     UNION ALL
                    SELECT 0, %(months)s) AS setting
             WHERE months > 0) AS retention
      JOIN trackable_email email
        ON COALESCE(email.company_id, 0) = retention.company_id
       AND email.oldest_action_date < retention.first_day - %(max_offset)s
     LIMIT %(limit)s
       FOR NO KEY UPDATE OF email SKIP LOCKED
    """,
    max_offset=MAX_UTC_OFFSET,
    months=KEEP_MONTHS,
    limit=RETENTION_BATCH_SIZE,
)


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    @api.autovacuum
    def _gc_expired_actions(self):
        """Delete the expired actions of a batch of trackable emails. Skip emails that
        another transaction has locked.

        :return: the number of trackable emails done, and how many more may be due
        :rtype: tuple[int, int]
        """
        # sudo: trackable.email, trackable.email.entry, mail.message - nobody has the
        # right to change them
        self = self.sudo()
        self.env.flush_all()
        # The first statement locks the emails, as in `trackable.hit._lock_emails`.
        rows = self.env.execute_query(DUE_RETENTION)
        emails = self.browse(email_id for email_id, _first_day in rows)
        first_days = (first_day for _email_id, first_day in rows)
        self._delete_expired_actions(dict(zip(emails, first_days, strict=True)))
        is_full = len(rows) == RETENTION_BATCH_SIZE
        return len(rows), RETENTION_BATCH_SIZE if is_full else 0

    @api.model
    def _delete_expired_actions(self, first_days):
        """Replace the actions of each email before its first day by totals. Delete the
        chatter entries and inbox messages about these actions. Days are in the sender's
        time zone, so that no entry shows half a day.

        :param dict first_days: trackable email -> first day whose actions stay
        """
        if not first_days:
            return
        starts = {
            email: email._get_start_of_sender_day(first_day)
            for email, first_day in first_days.items()
        }
        self.env["trackable.action.total"]._replace_actions_by_totals(
            SQL(
                """
                SELECT action.id
                  FROM unnest(%s::integer[], %s::timestamp[])
                       AS retention (email_id, start)
                  JOIN trackable_email_action action
                    ON action.trackable_email_id = retention.email_id
                   AND action.occurred_at < retention.start
                """,
                [email.id for email in starts],
                list(starts.values()),
            )
        )
        emails = self.union(*first_days)
        entries = self.env["trackable.email.entry"].search(
            Domain.OR(
                Domain("trackable_email_id", "in", emails_of_day.ids)
                & Domain("day", "<", first_day)
                for first_day, emails_of_day in emails.grouped(first_days.get).items()
            )
        )
        notice_ids = [
            notice.id
            for email in emails
            for notice in email.notice_message_ids
            if notice.date < starts[email]
        ]
        (entries.mail_message_id | self.env["mail.message"].browse(notice_ids)).unlink()
