"""Show and change whether a scheduled email is tracked and how its files are sent, and
remove tracked URLs from its body (extends mail.scheduled.message).

Odoo posts a scheduled message with its notification parameters. They hold the choice.
"""

import json

from odoo import api, fields, models


class MailScheduledMessage(models.Model):
    _inherit = "mail.scheduled.message"

    is_tracked = fields.Boolean(
        "Tracked",
        compute="_compute_is_tracked",
        inverse="_inverse_is_tracked",
        help="Show in the chatter when the customer opens this email or uses its links"
        " and files. Files are sent as links unless Send Files as Attachments is on.",
    )
    attach_files = fields.Boolean(
        compute="_compute_attach_files",
        inverse="_inverse_attach_files",
        help="Send the files of this tracked email as attachments instead of tracked"
        " links. Their downloads are then not recorded.",
    )
    # From `_prepare_tracking_preview` of mail.thread; False if tracking is off.
    tracking_preview = fields.Json(
        compute="_compute_tracking_preview", compute_sudo=False
    )

    @api.depends("notification_parameters")
    def _compute_is_tracked(self):
        for message in self:
            message.is_tracked = message._get_notification_parameter("is_tracked")

    def _inverse_is_tracked(self):
        for message in self:
            message._set_notification_parameter("is_tracked", message.is_tracked)

    # Two methods: Odoo does not compute fields of the same method while it writes one.
    @api.depends("notification_parameters")
    def _compute_attach_files(self):
        for message in self:
            message.attach_files = message._get_notification_parameter("attach_files")

    def _inverse_attach_files(self):
        for message in self:
            message._set_notification_parameter("attach_files", message.attach_files)

    def _get_notification_parameter(self, name):
        return bool(json.loads(self.notification_parameters or "{}").get(name))

    def _set_notification_parameter(self, name, value):
        parameters = json.loads(self.notification_parameters or "{}")
        self.notification_parameters = json.dumps({**parameters, name: value})

    # `attachment_ids` is left out, as in mail.compose.message.
    @api.depends("is_note", "is_tracked", "partner_ids")
    def _compute_tracking_preview(self):
        # A scheduled email with tracking off must not cost a query.
        self.tracking_preview = False
        for message in self:
            if message.is_tracked and not message.is_note:
                message.tracking_preview = message._preview_tracking()

    def _preview_tracking(self):
        """Predict the tracking of the email.

        :return: from `_prepare_tracking_preview` of mail.thread
        :rtype: dict
        """
        self.ensure_one()
        record = self.env[self.model].browse(self.res_id)
        if not record.has_access("read"):
            # The preview would reveal who follows the record.
            return self.env["mail.thread"]._prepare_tracking_preview(False)
        # The reason must not reveal anything about contacts that the user may not read.
        partners = self.partner_ids._origin._filtered_access("read")
        return record._preview_tracking(
            {
                "author_id": self.author_id.id,
                "message_type": "comment",
                "partner_ids": partners.ids,
                "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id(
                    "mail.mt_comment"
                ),
            },
            attachments=self.attachment_ids,
        )

    @api.model
    def _notification_parameters_whitelist(self):
        return super()._notification_parameters_whitelist() | {
            "is_tracked",
            "attach_files",
            "tracked_template_id",
        }

    def _to_store_defaults(self, target):
        return [*super()._to_store_defaults(target), "is_tracked"]

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_restored_body(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_restored_body(vals))

    @api.model
    def _with_restored_body(self, vals):
        """Return the values with original links in the body, in place of tracked URLs
        that the author pasted or forwarded. The chatter shows this body until the
        message is sent.

        :rtype: dict
        """
        if not vals.get("body"):
            return vals
        return {**vals, "body": self.env["trackable.link"]._restore_html(vals["body"])}
