"""Store messages without tracked URLs, let only internal users request tracking, store
how files are sent, and move trackable emails with their messages (extends
mail.message).
"""

from odoo import api, fields, models

from ...fields import UnenforcedMany2one


class MailMessage(models.Model):
    _inherit = "mail.message"

    attach_files = fields.Boolean(
        copy=False,
        groups="base.group_user",
        help="Send the files of this tracked email as attachments instead of tracked"
        " links. Their downloads are then not recorded.",
    )
    # A scheduled email may outlive its template.
    tracked_template_id = UnenforcedMany2one(
        "mail.template",
        "Tracked Email Template",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The email template used for the tracked email. Reports compare"
        " templates.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self._may_request_tracking():
            for vals in vals_list:
                vals.pop("is_tracked", None)
                vals.pop("attach_files", None)
                vals.pop("tracked_template_id", None)
        for vals in vals_list:
            if vals.get("body"):
                vals["body"] = self.env["trackable.link"]._restore_html(vals["body"])
        return super().create(vals_list)

    @api.model
    def _may_request_tracking(self):
        """Return whether the current user may request tracking. Portal users may not:
        a customer's message is not a sales email.

        :rtype: bool
        """
        return self.env.su or self.env.user._is_internal()

    def write(self, vals):
        if vals.get("body"):
            body = self.env["trackable.link"]._restore_html(vals["body"])
            vals = {**vals, "body": body}
        result = super().write(vals)
        if "model" in vals or "res_id" in vals:
            self._move_tracking()
        return result

    def _move_tracking(self):
        """Move the trackable emails and chatter entries of messages that were moved to
        other records, for example because opportunities were merged.
        """
        moved_messages = self.filtered(lambda message: message.model and message.res_id)
        if not moved_messages:
            return
        # sudo: trackable.email, trackable.email.entry - no group may change them
        emails = self.env["trackable.email"].sudo()
        emails = emails.search([("mail_message_id", "in", moved_messages.ids)])
        emails_by_record = emails.grouped(
            lambda email: (email.mail_message_id.model, email.mail_message_id.res_id)
        )
        for (model, res_id), emails_of_record in emails_by_record.items():
            emails_of_record.write({"res_model": model, "res_id": res_id})
        self.env["trackable.email.entry"].sudo()._move_with_messages(moved_messages)
