"""Accept the tracking flags when messages are posted, and decide about tracking before
Odoo creates notifications (extends mail.thread).
"""

from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | {
            "is_tracked",
            "attach_files",
            "tracked_template_id",
        }

    def message_post(self, **kwargs):
        if not self.env["mail.message"]._may_request_tracking():
            kwargs.pop("is_tracked", None)
            kwargs.pop("attach_files", None)
        # Odoo stores a post without a subtype as a note, but sends it by email. Only a
        # post with the subtype of a note is a log note.
        is_refused_note = kwargs.get("is_tracked") and self._is_log_note(
            kwargs.get("subtype_xmlid"), kwargs.get("subtype_id")
        )
        if is_refused_note:
            kwargs["is_tracked"] = False
        message = super().message_post(**kwargs)
        if is_refused_note:
            # sudo: mail.message - users may not write the stored reason
            message.sudo().untracked_reason = "note"
        return message

    def _is_log_note(self, subtype_xmlid, subtype_id):
        if subtype_xmlid:
            subtype_id = self.env["ir.model.data"]._xmlid_to_res_id(subtype_xmlid)
        # sudo: mail.message.subtype - portal users may not read internal subtypes
        return bool(subtype_id) and (
            self.env["mail.message.subtype"].sudo().browse(subtype_id).internal
        )

    def _notify_thread_with_out_of_office(
        self, message, recipients_data, msg_vals=False, **kwargs
    ):
        # Odoo calls this method for every model, after finding the recipients. At this
        # point a decision still applies to all copies.
        self._decide_tracking_before_notifying(message, recipients_data, **kwargs)
        return super()._notify_thread_with_out_of_office(
            message, recipients_data, msg_vals=msg_vals, **kwargs
        )

    def _decide_tracking_before_notifying(
        self, message, recipients_data, scheduled_date=False, **_kwargs
    ):
        """Decide whether a message is tracked, unless it is scheduled: recipients of
        scheduled messages are only known at sending time.

        :param list[dict] recipients_data: from `_notify_get_recipients`
        """
        # sudo: mail.message - the decision does not depend on the user who posts
        message_sudo = message.sudo()
        if message_sudo.is_tracked and not self._is_notification_scheduled(
            scheduled_date
        ):
            message_sudo._decide_tracking(
                {message_sudo: self._get_email_recipients(recipients_data)}
            )

    def _get_allowed_message_params(self):
        # The chatter's composer sends these flags. Customers may not request tracking.
        params = super()._get_allowed_message_params()
        if not self.env.user._is_internal():
            return params
        return params | {"is_tracked", "attach_files"}

    def _get_email_recipients(self, recipients_data):
        """Return the recipients who are notified by email.

        :param list[dict] recipients_data: from `_notify_get_recipients`
        :return: partners, and the text with the addresses of the copy that recipients
            without a partner share
        :rtype: tuple[res.partner, list[str]]
        """
        email_data = [data for data in recipients_data if data["notif"] == "email"]
        return (
            self.env["res.partner"].browse(
                data["id"] for data in email_data if data["id"]
            ),
            [
                ", ".join(
                    data["email_normalized"] for data in email_data if not data["id"]
                )
            ],
        )
