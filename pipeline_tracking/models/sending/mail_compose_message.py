"""Add the *Tracked* button and the choice to attach files, and predict before sending
whether an email can be tracked (extends mail.compose.message).
"""

import json

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
    attach_files = fields.Boolean(
        help="Send the files of this tracked email as attachments instead of tracked"
        " links. Their downloads are then not recorded.",
    )
    # Predicted before sending, for the recipients chosen so far. The preview is from
    # `_prepare_tracking_preview` of mail.thread; False if tracking is off.
    untracked_reason = fields.Selection(
        UNTRACKED_REASONS, compute="_compute_tracking_preview", compute_sudo=False
    )
    tracking_preview = fields.Json(
        compute="_compute_tracking_preview", compute_sudo=False
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

    # `attachment_ids` is left out: each file would cost a request, even with tracking
    # off. The web client's `TrackingChoiceField` asks again when the files change.
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
    def _compute_tracking_preview(self):
        # A composer with tracking off must not cost a query.
        self.untracked_reason = False
        self.tracking_preview = False
        for composer in self:
            if composer.is_tracked and composer._offers_tracking():
                preview = composer._preview_tracking()
                composer.tracking_preview = preview
                composer.untracked_reason = preview["reason"]

    def _preview_tracking(self):
        """Predict the tracking of the email. If the composer sends several messages,
        return only a reason that applies to all of them.

        :return: from `_prepare_tracking_preview` of mail.thread
        :rtype: dict
        """
        self.ensure_one()
        if self.composition_mode != "comment" or self.composition_batch:
            return self._preview_tracking_of_batch()
        record = self.env["mail.thread"]
        if self.model and self.model_is_thread:
            record = self.env[self.model].browse(self._evaluate_res_ids()[:1])
            if not record.has_access("read"):
                # The preview would reveal who follows the record.
                return self.env["mail.thread"]._prepare_tracking_preview(False)
        # The reason must not reveal anything about contacts that the user may not read.
        partners = self.partner_ids._origin._filtered_access("read")
        return record._preview_tracking(
            {
                "author_id": self.author_id.id,
                "message_type": self.message_type,
                "partner_ids": partners.ids,
                "subtype_id": self.subtype_id.id,
            },
            attachments=self.attachment_ids,
            notify_author=self.notify_author,
            notify_author_mention=self.notify_author_mention,
            notify_skip_followers=self.notify_skip_followers,
        )

    def _preview_tracking_of_batch(self):
        """Predict the tracking of several messages, by the company's settings alone.

        :return: from `_prepare_tracking_preview` of mail.thread
        :rtype: dict
        """
        Message = self.env["mail.message"]
        company = self.env.company
        reason = Message._decide_untracked_reason(
            company, company._get_tracking_url(Message.get_base_url())
        )
        return self.env["mail.thread"]._prepare_tracking_preview(
            reason,
            file_count=len(self.attachment_ids._get_files_to_link(company)),
        )

    def _prepare_mail_values_static(self):
        values = super()._prepare_mail_values_static()
        if self.is_tracked and self._offers_tracking():
            values["is_tracked"] = True
            values["attach_files"] = self.attach_files
            values["tracked_template_id"] = self.template_id.id
        return values

    def _prepare_schedule_message_post_values(self, post_values):
        values = super()._prepare_schedule_message_post_values(post_values)
        if not self._offers_tracking():
            return values
        # The editor of the scheduled message can still turn tracking on.
        parameters = json.loads(values["notification_parameters"])
        choice = {
            "attach_files": self.attach_files,
            "tracked_template_id": self.template_id.id,
        }
        values["notification_parameters"] = json.dumps({**choice, **parameters})
        return values
