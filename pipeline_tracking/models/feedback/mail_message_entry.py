"""Show readers the details of entries that they may see (extends mail.message)."""

import re
from collections import namedtuple

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
# A chatter entry as a user sees it. `body`: text (Markup). `sent_message`: the email's
# message if the text has a link to it; else no record.
EntryView = namedtuple("EntryView", "body sent_message")


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _to_store_defaults(self, target):
        fields_to_store = super()._to_store_defaults(target)
        # Several users may read a bus channel.
        if target.is_current_user(self.env) and target.is_internal(self.env):
            fields_to_store += self._get_entry_fields()
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
        fields_to_store = ["body", "date", *messages._get_entry_fields()]
        return Store().add(messages, fields_to_store).get_result()

    def _get_entry_fields(self):
        """Return the store's fields of the entries among these messages.

        The web client opens an email without a reload if it knows the email's record.

        :rtype: list[Store.Attr]
        """
        views = self._get_entry_views()
        if not views:
            return []
        no_message = self.sudo(False).browse()
        sent_messages = no_message.union(
            *(view.sent_message for view in views.values())
        )
        records = sent_messages._record_by_message()
        # sudo: mail.thread - reading record name of accessible message is acceptable
        name = Store.Attr("display_name", sudo=True)
        thread = Store.Attr(
            "thread", lambda sent: Store.One(records.get(sent), [name], as_thread=True)
        )
        return [
            Store.Attr(
                "body",
                value=lambda message: views[message.id].body,
                predicate=lambda message: message.id in views,
            ),
            Store.Many(
                "linked_message_ids",
                ["model", "res_id", thread],
                value=lambda message: (
                    views[message.id].sent_message
                    if message.id in views
                    else no_message
                ),
                only_data=True,
            ),
        ]

    def _get_entry_views(self):
        """Return the chatter entries among these messages as the current user sees
        them.

        The text has subject, links and files if the user has access to them. It has no
        link to a message that the user cannot open.

        :return: entries by the id of the message, without entries whose stored text is
            shown and has no link
        :rtype: dict[int, EntryView]
        """
        entries = self._find_chatter_entries()
        if not entries:
            return {}
        emails = entries.trackable_email_id
        disclosable = emails._filter_disclosable()
        # Without sudo, `search` finds the existing messages that the user may read.
        readable_messages = self.sudo(False).search(
            [("id", "in", emails.mail_message_id.ids)]
        )
        views = {}
        for entry in entries:
            email, message = entry.trackable_email_id, entry.mail_message_id
            has_details = entry.details and email in disclosable
            body = entry.details if has_details else message.body
            sent_message = email.mail_message_id.sudo(False) & readable_messages
            if not sent_message:
                body = Markup(MESSAGE_LINK.sub(r"\g<name>", body))
            elif not MESSAGE_LINK.search(body):
                sent_message = sent_message.browse()
            if sent_message or body != message.body:
                views[message.id] = EntryView(body, sent_message)
        return views

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
        return entries.search_fetch(
            [("mail_message_id", "in", messages.ids)],
            ["details", "mail_message_id", "trackable_email_id"],
        )
