import json

from odoo import api, models
from odoo.tools import SQL

from ..feedback.chatter_channel import SUBCHANNEL
from ..feedback.trackable_notice import BUS_TYPE


class TrackableEmail(models.Model):
    """Anonymize trackable emails: remove what identifies their recipients (extends
    trackable.email). Links still work, and counters stay.
    """

    _inherit = "trackable.email"

    @api.model
    def _may_anonymize_all(self):
        """Return whether the user may anonymize trackable emails of every company:
        administrators, and the system itself.

        :rtype: bool
        """
        return self.env.is_system()

    @api.model
    def _get_anonymizable_sql(self):
        """Return the condition of the trackable emails that the user may anonymize.

        Managers may anonymize emails of the companies chosen in the company switcher,
        like the record rules that let them read, stop and delete trackable emails: they
        cannot lose data that they do not see. Every manager may anonymize an email
        without a company.

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

        :param SQL condition: of the trackable emails. The caller has checked that the
            user may anonymize them.
        :return: the number of trackable emails
        :rtype: int
        """
        self.env.flush_all()
        # SQL: one person can have thousands of emails. Their rows come first: the job
        # that processes their hits locks them.
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
                # Then the record is the recipient, or a mailing contact.
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
        """Remove the origin of requests from actions, and delete hits in the queue."""
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
            "DELETE FROM trackable_hit WHERE trackable_email_id = ANY(%s)", [self.ids]
        )
        self.env["trackable.hit"].invalidate_model()

    def _delete_feedback_messages(self):
        """Delete chatter entries, inbox messages and pop-ups about these emails."""
        messages = self._get_feedback_messages()
        self._delete_bus_notifications(messages, self.ids)
        messages.unlink()

    @api.model
    def _delete_bus_notifications(self, messages, email_ids=()):
        """Delete bus notifications about messages and trackable emails: they name the
        recipient, and Odoo stores them for a day.

        One query reads `bus_bus`, which has no index. Its condition selects pop-ups,
        and notifications about the records and to the users of these messages.

        :param mail.message messages: chatter entries, and notices in inboxes
        :param email_ids: ids of trackable emails that pop-ups are about
        """
        database = self.env.cr.dbname
        channels = {
            (database, message.model, message.res_id, SUBCHANNEL)
            for message in messages
        } | {(database, partner._name, partner.id) for partner in messages.partner_ids}
        self.env.cr.execute(
            SQL(
                """
                SELECT id, message FROM bus_bus
                 WHERE starts_with(message, %s)
                    OR (channel = ANY(%s) AND (starts_with(message, %s)
                                               OR starts_with(message, %s)))
                """,
                _get_stored_prefix(BUS_TYPE),
                [_dump_as_stored(channel) for channel in channels],
                _get_stored_prefix("mail.message/inbox"),
                _get_stored_prefix("mail.record/insert"),
            )
        )
        message_ids, email_ids = set(messages.ids), set(email_ids)
        notification_ids = [
            notification_id
            for notification_id, text in self.env.cr.fetchall()
            if _is_about(json.loads(text)["payload"], message_ids, email_ids)
        ]
        # sudo: bus.bus - nobody has access rights to it
        self.env["bus.bus"].sudo().browse(notification_ids).unlink()

    @api.model
    def _delete_bus_notifications_of_chatters(self, records):
        """Delete bus notifications to web clients that had the chatter of a deleted
        record open.

        :param records: of one model
        """
        channels = [
            _dump_as_stored((self.env.cr.dbname, records._name, record_id, SUBCHANNEL))
            for record_id in records.ids
        ]
        self.env.cr.execute(
            SQL("DELETE FROM bus_bus WHERE channel = ANY(%s)", channels)
        )

    def _get_feedback_messages(self):
        """Return the messages about these emails in chatters and in the sender's inbox.
        A notice about several emails is one message.

        :rtype: mail.message
        """
        # sudo: trackable.email.entry, mail.message - nobody has access rights to it
        entries = self.env["trackable.email.entry"].sudo()
        entries = entries.search([("trackable_email_id", "in", self.ids)])
        return entries.mail_message_id | self.sudo().notice_message_ids


class TrackableEmailAction(models.Model):
    """Anonymize actions: replace them by totals (extends trackable.email.action)."""

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


def _dump_as_stored(value):
    """Write JSON as `bus.bus` stores it."""
    return json.dumps(value, separators=(",", ":"))


def _get_stored_prefix(notification_type):
    """Return the beginning of each notification of this type in `bus.bus`."""
    return f'{{"type":{_dump_as_stored(notification_type)},'


def _is_about(payload, message_ids, email_ids):
    """Return whether a notification (a pop-up, an inbox notice or a chatter entry) is
    about one of these messages or trackable emails.

    :param dict payload:
    :param set[int] message_ids:
    :param set[int] email_ids:
    :rtype: bool
    """
    inserted_messages = payload.get("mail.message") or []
    return (
        not email_ids.isdisjoint(payload.get("email_ids", ()))
        or payload.get("message_id") in message_ids
        or not message_ids.isdisjoint(message["id"] for message in inserted_messages)
    )
