from odoo import api, models

from ...fields import UnenforcedMany2one


class MailMessage(models.Model):
    """Store messages with the flag and without tracked URLs, and move trackable emails
    along with their messages (extends mail.message).
    """

    _inherit = "mail.message"

    # A scheduled email may outlive its template.
    tracked_template_id = UnenforcedMany2one(
        "mail.template",
        "Tracked Email's Template",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="What a tracked email was made from: reports compare templates.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self._may_ask_tracking():
            for vals in vals_list:
                vals.pop("is_tracked", None)
                vals.pop("tracked_template_id", None)
        for vals in vals_list:
            if vals.get("body"):
                vals["body"] = self._clean_body(vals["body"])
        return super().create(vals_list)

    @api.model
    def _may_ask_tracking(self):
        """Whether the current user may ask for tracking: only colleagues may, and what
        a customer in the portal posts is no sales email.

        :rtype: bool
        """
        return self.env.su or self.env.user._is_internal()

    def write(self, vals):
        if vals.get("body"):
            vals = {**vals, "body": self._clean_body(vals["body"])}
        result = super().write(vals)
        if "model" in vals or "res_id" in vals:
            self._move_tracking()
        return result

    def _move_tracking(self):
        """Have trackable emails and chatter entries follow messages that were moved to
        other records: contacts or opportunities are merged, say.
        """
        messages_by_record = self.filtered(
            lambda message: message.model and message.res_id
        ).grouped(lambda message: (message.model, message.res_id))
        moved = self.browse().union(*messages_by_record.values())
        if not moved:
            return
        # sudo: trackable.email, trackable.email.entry - nobody may change them
        emails = self.env["trackable.email"].sudo()
        emails = emails.search([("mail_message_id", "in", moved.ids)])
        by_record = emails.grouped(
            lambda email: (email.mail_message_id.model, email.mail_message_id.res_id)
        )
        for (model, res_id), own in by_record.items():
            own.write({"res_model": model, "res_id": res_id})
        self.env["trackable.email.entry"].sudo()._move_with_messages(moved)

    @api.model
    def _clean_body(self, body):
        """A body, pasted or forwarded from a tracked email, as it was before."""
        return self.env["trackable.link"]._restore_html(body)
