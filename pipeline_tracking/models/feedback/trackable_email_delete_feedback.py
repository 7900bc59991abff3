"""Delete entries, notifications and pop-ups (extends trackable.email)."""

import json

from odoo import api, models
from odoo.tools import SQL

from .chatter_channel import SUBCHANNEL
from .trackable_notice import BUS_TYPE


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    def _delete_feedback_messages(self):
        """Delete chatter entries, inbox messages and pop-ups about these emails."""
        messages = self._get_feedback_messages()
        self._delete_bus_notifications(messages, self.ids)
        messages.unlink()

    @api.model
    def _delete_bus_notifications(self, messages, email_ids=()):
        """Delete bus notifications about messages and trackable emails.

        Bus notifications name the recipient, and Odoo stores them for a day. A single
        query reads `bus_bus`, because the table has no index. The query selects all
        pop-ups, and notifications to the chatters and users of these messages.

        :param mail.message messages: chatter entries, and notifications in inboxes
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
        # sudo: bus.bus - no user has access rights to it
        self.env["bus.bus"].sudo().browse(notification_ids).unlink()

    @api.model
    def _delete_bus_notifications_of_chatters(self, records):
        """Delete bus notifications to the chatters of deleted records.

        :param records: deleted records of one model
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

        A message in the inbox can also be about other emails.

        :rtype: mail.message
        """
        # sudo: trackable.email.entry, mail.message - no user has access rights to them
        entries = self.env["trackable.email.entry"].sudo()
        entries = entries.search([("trackable_email_id", "in", self.ids)])
        return entries.mail_message_id | self.sudo().notice_message_ids


def _dump_as_stored(value):
    """Write JSON as `bus.bus` stores it."""
    return json.dumps(value, separators=(",", ":"))


def _get_stored_prefix(notification_type):
    """Return the beginning of each notification of this type in `bus.bus`."""
    return f'{{"type":{_dump_as_stored(notification_type)},'


def _is_about(payload, message_ids, email_ids):
    """Return whether a bus notification is about these messages or trackable emails.

    :param dict payload: payload of a pop-up, an inbox message or a chatter entry
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
