"""Write to the recipient of a tracked email again (extends trackable.email)."""

from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_reply_context(self, record, partner):
        """Return the context of the composer that writes to the recipient again.

        An override adds values of more fields of `mail.compose.message`, as
        ``default_…``, to the dictionary of super.

        :param record: the record in whose chatter the email is posted
        :param res.partner partner: the recipient
        :rtype: dict
        """
        self.ensure_one()
        context = {
            "default_composition_mode": "comment",
            "default_model": record._name,
            "default_partner_ids": partner.ids,
            "default_res_ids": record.ids,
            "default_subtype_xmlid": "mail.mt_comment",
        }
        if self.subject:
            context["default_subject"] = self._get_reply_subject()
        # The message is on another record, which the user may not read, if the email is
        # posted on the recipient.
        message = self.mail_message_id.exists()._filtered_access("read")
        if (message.model, message.res_id) == (record._name, record.id):
            # The recipient's email client shows both emails as one conversation.
            context["default_parent_id"] = message.id
        return context

    # ------------------------------------------------------------
    # Do not override: where the email is posted
    # ------------------------------------------------------------

    def action_reply_to_recipient(self):
        """Open the composer, addressed to the recipient of this email.

        :return: an action
        :rtype: dict
        :raise UserError: the user may not post in the chatters of the email's record
            and recipient, or the address has no contact
        """
        self.ensure_one()
        self.check_access("read")
        record = self._find_reply_records().get(self)
        if not record:
            raise UserError(
                self.env._(
                    "You cannot reply to this email: it has no record on which you may"
                    " post. Write to the recipient from another record."
                )
            )
        partner = self.partner_id.exists() or self._find_partner_of_address(record)
        if not partner:
            raise UserError(
                self.env._(
                    "No contact has the address %s. Create the contact first, or ask a"
                    " colleague who may create contacts.",
                    self.email_to,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reply"),
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": self._prepare_reply_context(record, partner),
        }

    def _find_partner_of_address(self, record):
        """Find or create the contact with this email's address, as Odoo's full composer
        does.
        """
        may_create = self.env.user.has_group("base.group_partner_manager")
        return record._partner_find_from_emails_single(
            [self.email_to or ""], no_create=not may_create
        )[:1]

    def _find_reply_records(self):
        """Find the records in whose chatters the user can write to the recipients.

        This is the record that the email was sent from. If the user may not post there,
        this is the recipient.

        :return: trackable email -> record; emails without such a record are left out
        :rtype: dict[TrackableEmail, record]
        """
        ids_by_model = defaultdict(set)
        for email in self:
            for model, res_id in email._get_chatter_keys():
                ids_by_model[model].add(res_id)
        postable_ids = {
            model: set(self._filter_postable_ids(model, ids))
            for model, ids in ids_by_model.items()
            if isinstance(self.env.get(model), self.pool["mail.thread"])
        }
        records = {}
        for email in self:
            # The chatter keys begin with the recipient: the record replaces it.
            for model, res_id in email._get_chatter_keys():
                if res_id in postable_ids.get(model, ()):
                    records[email] = self.env[model].browse(res_id)
        return records

    def _filter_postable_ids(self, model, ids):
        """Return the ids of the existing records on which the user may post."""
        records = self.env[model].browse(sorted(ids)).exists()
        return records._filtered_access(records._mail_post_access).ids

    def _get_reply_subject(self):
        prefix = self.env._("Re:")
        if self.subject.lower().startswith(("re:", prefix.lower())):
            return self.subject
        return f"{prefix} {self.subject}"
