"""Add the *Tracked* toggle, and show before sending why an email cannot be tracked
(extends mail.compose.message).
"""

from odoo import api, fields, models

from .tracking_decision import UNTRACKED_REASONS


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    is_tracked = fields.Boolean(
        "Tracked",
        compute="_compute_is_tracked",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Show in the chatter when the customer opens this email or uses its links"
        " and files. Files are sent as links unless Send Files as Attachments is on.",
    )
    # Predicted before sending, for the recipients chosen so far.
    untracked_reason = fields.Selection(
        UNTRACKED_REASONS, compute="_compute_untracked_reason", compute_sudo=False
    )

    @api.depends(
        "composition_mode",
        "mass_mailing_id",
        "mass_mailing_name",
        "message_type",
        "subtype_is_log",
    )
    def _compute_is_tracked(self):
        for composer in self:
            composer.is_tracked = (
                composer._offers_tracking()
                and composer._is_written_by_user()
                and self.env.user.track_emails
            )

    def _is_written_by_user(self):
        """Return whether a colleague writes the email. Automated notifications are sent
        through a composer as well; they are tracked only if code asks for tracking.

        :rtype: bool
        """
        self.ensure_one()
        if self.composition_mode == "mass_mail":  # it has no type of message
            is_automated = self.env.su
        else:
            is_automated = self.message_type != "comment"
        return not is_automated and self.env.user._is_internal()

    def _offers_tracking(self):
        """Return whether the toggle has an effect. It has none on log notes, which are
        not sent by email, and on mailings, which have a setting for tracking.

        :rtype: bool
        """
        self.ensure_one()
        return not (
            self.subtype_is_log or self.mass_mailing_id or self.mass_mailing_name
        )

    @api.depends(
        "composition_batch",
        "composition_mode",
        "is_tracked",
        "message_type",
        "model",
        "notify_author",
        "notify_author_mention",
        "notify_skip_followers",
        "partner_ids",
        "res_ids",
        "subtype_id",
    )
    def _compute_untracked_reason(self):
        # A composer with the toggle off must not cost a query.
        self.untracked_reason = False
        for composer in self:
            if composer.is_tracked and composer._offers_tracking():
                composer.untracked_reason = composer._preview_untracked_reason()

    def _preview_untracked_reason(self):
        """Predict why the email cannot be tracked. If the composer sends several
        messages, return only a reason that applies to all of them.

        :return: a code of `untracked_reason`, or False
        """
        self.ensure_one()
        if self.composition_mode != "comment" or self.composition_batch:
            Message = self.env["mail.message"]
            company = self.env.company
            return Message._decide_untracked_reason(
                company, company._get_tracking_url(Message.get_base_url())
            )
        record = self.env["mail.thread"]
        if self.model and self.model_is_thread:
            record = self.env[self.model].browse(self._evaluate_res_ids()[:1])
            if not record.has_access("read"):
                return False  # the reason would reveal who follows the record
        # The reason must not reveal anything about contacts that the user may not read.
        partners = self.partner_ids._origin._filtered_access("read")
        return record._predict_untracked_reason(
            {
                "author_id": self.author_id.id,
                "message_type": self.message_type,
                "partner_ids": partners.ids,
                "subtype_id": self.subtype_id.id,
            },
            notify_author=self.notify_author,
            notify_author_mention=self.notify_author_mention,
            notify_skip_followers=self.notify_skip_followers,
        )

    def _prepare_mail_values_static(self):
        values = super()._prepare_mail_values_static()
        if self.is_tracked and self._offers_tracking():
            values["is_tracked"] = True
            values["tracked_template_id"] = self.template_id.id
        return values
