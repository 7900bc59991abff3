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

        Managers: those of the companies chosen in the company switcher, as the record
        rules have it that let them read, stop and delete trackable emails. What cannot
        be undone reaches no further than what they see. An email without a company
        is everybody's.

        :rtype: SQL
        """
        if self._may_anonymize_all():
            return SQL("TRUE")
        return SQL(
            "(company_id IS NULL OR company_id = ANY(%s))", self.env.companies.ids
        )

    @api.model
    def _anonymize_where(self, condition):
        """Remove from trackable emails, and from all that is known of them, what says
        whose they were; nothing more is recorded of them.

        :param SQL condition: which; the caller has checked that the user may
        :return: how many there were
        :rtype: int
        """
        self.env.flush_all()
        # SQL: to one person there can be thousands. First of all the trackable emails,
        # whose rows whoever processes their hits has locked.
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE trackable_email
                   SET recipient_key = 'anonymized,' || id,
                       email_to = NULL, partner_id = NULL, subject = NULL,
                       mail_mail_id_int = NULL,
                       mailing_trace_id = NULL, is_trace_due = NULL,
                       is_trace_failed = NULL, notice_at = NULL, is_stopped = TRUE,
                       res_model = CASE WHEN %(own)s THEN NULL ELSE res_model END,
                       res_id = CASE WHEN %(own)s THEN NULL ELSE res_id END
                 WHERE (%(condition)s) AND is_anonymous IS NOT TRUE
                RETURNING id
                """,
                # sent from the form of the recipient, or of a mailing: the recipient
                own=SQL(
                    "(res_model = 'mailing.contact'"
                    " OR (res_model = 'res.partner' AND res_id = partner_id))"
                ),
                condition=condition,
            )
        )
        emails = self.browse(email_id for (email_id,) in rows)
        if emails:
            emails.invalidate_model()
            emails._anonymize_actions()
            emails._delete_feedback_messages()
        return len(emails)

    def _anonymize(self):
        """Make them nobody's."""
        self._anonymize_where(SQL("id = ANY(%s)", self.ids))

    def _anonymize_actions(self):
        """Where what was done with them came from; and what waits in the queue."""
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
        """Delete what chatters, inboxes and pop-ups tell of them."""
        messages = self._get_feedback_messages()
        self._delete_pushes(messages, self.ids)
        messages.unlink()

    @api.model
    def _delete_pushes(self, messages, email_ids=()):
        """Delete what was sent to web clients about messages and trackable emails: it
        names the recipient, and Odoo stores it for a day.

        One query reads `bus_bus`, which has no index; the condition leaves the pop-ups,
        and what was sent about the records and to the users of these messages.

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
                _get_push_prefix(BUS_TYPE),
                [_dump(channel) for channel in channels],
                _get_push_prefix("mail.message/inbox"),
                _get_push_prefix("mail.record/insert"),
            )
        )
        message_ids, email_ids = set(messages.ids), set(email_ids)
        outdated = [
            push_id
            for push_id, text in self.env.cr.fetchall()
            if _is_push_about(json.loads(text)["payload"], message_ids, email_ids)
        ]
        # sudo: bus.bus - nobody has access rights to it
        self.env["bus.bus"].sudo().browse(outdated).unlink()

    @api.model
    def _delete_chatter_pushes(self, records):
        """Delete what was sent to web clients that had the chatter of a deleted record
        open.

        :param records: of one model
        """
        channels = [
            _dump((self.env.cr.dbname, records._name, record_id, SUBCHANNEL))
            for record_id in records.ids
        ]
        self.env.cr.execute(
            SQL("DELETE FROM bus_bus WHERE channel = ANY(%s)", channels)
        )

    def _get_feedback_messages(self):
        """What chatters and the sender's inbox tell of them. A notice about several
        emails is one message.

        :rtype: mail.message
        """
        # sudo: trackable.email.entry, mail.message - nobody has access rights to it
        entries = self.env["trackable.email.entry"].sudo()
        entries = entries.search([("trackable_email_id", "in", self.ids)])
        return entries.mail_message_id | self.sudo().notice_message_ids


class TrackableEmailAction(models.Model):
    """Anonymize actions: keep their totals only (extends trackable.email.action)."""

    _inherit = "trackable.email.action"

    def _anonymize(self):
        """Delete them but for their number, and the chatter entries of their days."""
        Entry = self.env["trackable.email.entry"]
        days = Entry._get_entry_days(self)
        entries = Entry.search(
            [
                ("trackable_email_id", "in", self.trackable_email_id.ids),
                ("day", "in", list({day for _email, day in days})),
            ]
        ).filtered(lambda entry: (entry.trackable_email_id, entry.day) in days)
        messages = entries.mail_message_id
        self.env["trackable.email"]._delete_pushes(messages)
        messages.unlink()
        self.env["trackable.action.total"]._replace_by_totals(
            SQL("SELECT unnest(%s::integer[])", self.ids)
        )


def _dump(value):
    """Write JSON as `bus.bus` stores it."""
    return json.dumps(value, separators=(",", ":"))


def _get_push_prefix(notification_type):
    """Return how what `bus.bus` stores of a notification type begins."""
    return f'{{"type":{_dump(notification_type)},'


def _is_push_about(payload, message_ids, email_ids):
    """Return whether a pop-up, an inbox notice or a chatter entry that was sent to web
    clients is about one of these messages or trackable emails.

    :param dict payload:
    :param set[int] message_ids:
    :param set[int] email_ids:
    :rtype: bool
    """
    inserted = payload.get("mail.message") or []
    return (
        not email_ids.isdisjoint(payload.get("email_ids", ()))
        or payload.get("message_id") in message_ids
        or not message_ids.isdisjoint(message["id"] for message in inserted)
    )
