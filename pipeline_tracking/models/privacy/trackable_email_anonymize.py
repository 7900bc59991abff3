"""Anonymize trackable emails: remove what identifies their recipients (extends
trackable.email). Links still work, and counters stay.

Anonymize actions: replace them by totals (extends trackable.email.action).
"""

from odoo import api, models
from odoo.tools import SQL


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    @api.model
    def _may_anonymize_all(self):
        """Return whether the user may anonymize trackable emails of every company.
        Administrators and the superuser may.

        :rtype: bool
        """
        return self.env.is_system()

    @api.model
    def _get_anonymizable_sql(self):
        """Return the condition of the trackable emails that the user may anonymize.

        Managers may anonymize emails of the companies selected in the company switcher.
        The record rules for reading them are the same, so managers cannot anonymize
        data that they do not see. Every manager may anonymize an email without a
        company.

        :rtype: SQL
        """
        if self._may_anonymize_all():
            return SQL("TRUE")
        return SQL(
            "(company_id IS NULL OR company_id = ANY(%s))", self.env.companies.ids
        )

    @api.model
    def _anonymize_where(self, condition):
        """Remove from trackable emails, their actions and their chatter entries what
        identifies the recipient, and stop tracking them.

        :param SQL condition: selects the trackable emails. The caller has checked that
            the user may anonymize them.
        :return: the number of trackable emails
        :rtype: int
        """
        self.env.flush_all()
        # SQL: one person can have thousands of emails. Update the emails before other
        # rows: the cron job that processes hits also locks emails first.
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE trackable_email
                   SET recipient_key = 'anonymized,' || id,
                       email_to = NULL, partner_id = NULL, subject = NULL,
                       mail_mail_id_int = NULL,
                       mailing_trace_id = NULL, is_trace_due = NULL,
                       is_trace_failed = NULL, notice_at = NULL, is_stopped = TRUE,
                       res_model = CASE WHEN %(is_sent_from_recipient)s THEN NULL
                                        ELSE res_model END,
                       res_id = CASE WHEN %(is_sent_from_recipient)s THEN NULL
                                     ELSE res_id END
                 WHERE (%(condition)s) AND is_anonymous IS NOT TRUE
                RETURNING id
                """,
                # The record is itself the recipient: it identifies them.
                is_sent_from_recipient=SQL(
                    "(res_model = 'mailing.contact'"
                    " OR (res_model = 'res.partner' AND res_id = partner_id))"
                ),
                condition=condition,
            )
        )
        emails = self.browse(email_id for (email_id,) in rows)
        if emails:
            emails.invalidate_model()
            emails._anonymize_requests()
            emails._delete_feedback_messages()
        return len(emails)

    def _anonymize(self):
        """Anonymize these trackable emails."""
        self._anonymize_where(SQL("id = ANY(%s)", self.ids))

    def _anonymize_requests(self):
        """Remove the origin of requests from actions, and delete hits in the queue and
        clients.
        """
        self.env.cr.execute(
            """
            UPDATE trackable_email_action
               SET ip = NULL, user_agent = NULL, browser = NULL, platform = NULL,
                   country_id = NULL, city = NULL, link_tracker_click_id = NULL
             WHERE trackable_email_id = ANY(%s)
            """,
            [self.ids],
        )
        self.env["trackable.email.action"].invalidate_model()
        self.env.cr.execute(
            """
            DELETE FROM trackable_client
             USING trackable_email_action
             WHERE trackable_client.action_id = trackable_email_action.id
               AND trackable_email_action.trackable_email_id = ANY(%s)
            """,
            [self.ids],
        )
        self.env["trackable.client"].invalidate_model()
        self.env.cr.execute(
            "DELETE FROM trackable_hit WHERE trackable_email_id = ANY(%s)", [self.ids]
        )
        self.env["trackable.hit"].invalidate_model()


class TrackableEmailAction(models.Model):
    _inherit = "trackable.email.action"

    def _anonymize(self):
        """Replace these actions by totals, and delete chatter entries of their days."""
        Entry = self.env["trackable.email.entry"]
        days = Entry._get_entry_days(self)
        entries = Entry.search(
            [
                ("trackable_email_id", "in", self.trackable_email_id.ids),
                ("day", "in", list({day for _email, day in days})),
            ]
        ).filtered(lambda entry: (entry.trackable_email_id, entry.day) in days)
        messages = entries.mail_message_id
        self.env["trackable.email"]._delete_bus_notifications(messages)
        messages.unlink()
        self.env["trackable.action.total"]._replace_actions_by_totals(
            SQL("SELECT unnest(%s::integer[])", self.ids)
        )
