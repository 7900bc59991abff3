"""Show readers the details of entries that they may see (extends mail.message)."""

import re

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import AccessError

from odoo.addons.mail.tools.discuss import Store

from .trackable_email_entry import SUBTYPE

# The link to the email's message, as `trackable.email.entry` renders it. The subject
# between the tags is escaped.
MESSAGE_LINK = re.compile(
    r"""<a [^>]*href="/mail/message/(?P<id>[0-9]+)"[^>]*>(?P<name>.*?)</a>""",
    re.DOTALL,
)


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _to_store_defaults(self, target):
        fields_to_store = super()._to_store_defaults(target)
        # Several users may read a bus channel.
        if target.is_current_user(self.env) and target.is_internal(self.env):
            bodies = self._get_entry_bodies()
            fields_to_store += [
                Store.Attr(
                    "body",
                    value=lambda message: bodies[message.id],
                    predicate=lambda message: message.id in bodies,
                ),
                *self._get_entry_link_fields(bodies),
            ]
        return fields_to_store

    @api.readonly
    def get_tracking_entries(self):
        """Return the chatter entries among these messages as the current user may see
        them. An open chatter fetches its entries when they have changed.

        :return: data for the web client's store
        :rtype: dict
        :raise AccessError: for customers
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only internal users can see email tracking."))
        # The chatter loads messages for all the user's companies.
        self = self.with_context(allowed_company_ids=None)
        messages = self.sudo(False).exists()._filtered_access("read")
        messages &= messages._find_chatter_entries().mail_message_id.sudo(False)
        bodies = messages._get_entry_bodies()
        body = Store.Attr("body", lambda message: bodies.get(message.id, message.body))
        links = messages._get_entry_link_fields(bodies)
        return Store().add(messages, [body, "date", *links]).get_result()

    def _get_entry_bodies(self):
        """Return the texts that the current user sees instead of the stored texts.

        The text has subject, links and files if the user has access to them. It has no
        link to a message that the user cannot open.

        :return: texts by the id of the entry's message, without entries whose stored
            text is shown
        :rtype: dict[int, Markup]
        """
        entries = self._find_chatter_entries()
        emails = entries.trackable_email_id
        disclosable = emails._filter_disclosable()
        sent_messages = emails.mail_message_id.exists()
        readable_messages = sent_messages.sudo(False)._filtered_access("read")
        bodies = {}
        for entry in entries:
            email, message = entry.trackable_email_id, entry.mail_message_id
            has_details = entry.details and email in disclosable
            body = entry.details if has_details else message.body
            if email.mail_message_id.id not in readable_messages.ids:
                body = Markup(MESSAGE_LINK.sub(r"\g<name>", body))
            if body != message.body:
                bodies[message.id] = body
        return bodies

    def _get_entry_link_fields(self, bodies):
        """Return the store's fields with the emails that these entries link to.

        The web client opens an email without a reload if it knows the email's record.

        :param dict[int, Markup] bodies: see `_get_entry_bodies`
        :rtype: list[Store.Many]
        """
        links = {
            message.id: MESSAGE_LINK.search(bodies.get(message.id, message.body) or "")
            for message in self._filter_entry_messages()
        }
        sent_ids = {key: int(link["id"]) for key, link in links.items() if link}
        if not sent_ids:
            return []
        # Any user can post a message with the subtype of entries, and with any link.
        sent_messages = self.sudo(False).search([("id", "in", [*sent_ids.values()])])
        records = sent_messages._record_by_message()
        # sudo: mail.thread - reading record name of accessible message is acceptable
        name = Store.Attr("display_name", sudo=True)
        thread = Store.Attr(
            "thread", lambda sent: Store.One(records.get(sent), [name], as_thread=True)
        )
        return [
            Store.Many(
                "linked_message_ids",
                ["model", "res_id", thread],
                value=lambda message: sent_messages.filtered(
                    lambda sent: sent.id == sent_ids.get(message.id)
                ),
                only_data=True,
            )
        ]

    def _filter_entry_messages(self):
        """Return the messages with the subtype of chatter entries.

        :rtype: mail.message
        """
        subtype_id = self.env["ir.model.data"]._xmlid_to_res_id(SUBTYPE)
        # sudo: mail.message - as Odoo reads the subtype of a message
        return self.filtered(
            lambda message: (
                bool(subtype_id) and message.sudo().subtype_id.id == subtype_id
            )
        )

    def _find_chatter_entries(self):
        """Return the chatter entries whose messages are among these.

        :rtype: trackable.email.entry
        """
        messages = self._filter_entry_messages()
        # sudo: trackable.email.entry - no user has access to entries, but readers of a
        # message may know that it is an entry
        entries = self.env["trackable.email.entry"].sudo()
        if not messages:
            return entries
        return entries.search([("mail_message_id", "in", messages.ids)])
