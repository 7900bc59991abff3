"""Accept the tracking flag when messages are posted, and decide about tracking before
Odoo creates notifications (extends mail.thread).
"""

from odoo import api, models
from odoo.exceptions import AccessError


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | {
            "is_tracked",
            "tracked_template_id",
        }

    def message_post(self, **kwargs):
        if not self.env["mail.message"]._may_request_tracking():
            kwargs.pop("is_tracked", None)
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
        # Odoo calls this method for every model, after it finds the recipients and
        # before it creates copies: the decision applies to all copies.
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

    @api.readonly
    def get_untracked_reason(self, partner_ids, emails=()):
        """Predict why an email written in this record's chatter cannot be tracked, so
        that the composer can show the reason before sending. Ignore consent that the
        user may not read: otherwise any user could find out whether an address has
        objected.

        :param list[int] partner_ids: recipients, besides the followers
        :param list[str] emails: addresses of recipients without a partner
        :return: a code of `untracked_reason` and its text, or False for both
        :rtype: list
        :raise AccessError: the user may not read the record, or is not internal
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user._is_internal():
            raise AccessError(
                self.env._(
                    "Only internal users can send tracked emails. Ask your"
                    " administrator for an internal user account."
                )
            )
        to_id = self.env["ir.model.data"]._xmlid_to_res_id
        reason = self._predict_untracked_reason(
            {
                "author_id": self.env.user.partner_id.id,
                "message_type": "comment",
                "partner_ids": self.env["res.partner"]
                .search(
                    [("id", "in", partner_ids)]  # drop partners the user may not read
                )
                .ids,
                "subtype_id": to_id("mail.mt_comment"),
            },
            emails,
        )
        texts = self.env["mail.message"]._fields["untracked_reason"]
        return [reason, dict(texts._description_selection(self.env)).get(reason, False)]

    def _predict_untracked_reason(self, msg_vals, emails=(), **kwargs):
        """Predict why a message cannot be tracked, from the recipients that
        `message_post` would find and the consent that the user may read.

        :param dict msg_vals: author, type, subtype and partners of the message
        :param list[str] emails: addresses of recipients without a partner
        :param kwargs: passed on to `_notify_get_recipients`
        :return: a code of `untracked_reason`, or False
        """
        Message = self.env["mail.message"]
        recipients_data = self._notify_get_recipients(
            Message,
            msg_vals={
                "incoming_email_cc": False,
                "incoming_email_to": False,
                "outgoing_email_to": False,
                **msg_vals,
            },
            **kwargs,
        )
        partners, addresses = self._get_email_recipients(recipients_data)
        recipient_addresses = Message._get_recipient_addresses(
            partners, [*addresses, *emails]
        )
        external = recipient_addresses - Message._get_internal_addresses(
            recipient_addresses
        )
        # sudo: res.company - its settings apply to every user who posts
        company = self._mail_get_companies(default=self.env.company).get(self.id)
        company = (company or self.env.company).sudo()
        return Message._decide_untracked_reason(
            company,
            company._get_tracking_url(Message.get_base_url()),
            external,
            self.env["trackable.objection"]._read_consents(
                external, readable_only=True
            ),
        )

    def _get_allowed_message_params(self):
        # The chatter's composer sends the flag. Customers may not request tracking.
        params = super()._get_allowed_message_params()
        return params | {"is_tracked"} if self.env.user._is_internal() else params

    def _get_email_recipients(self, recipients_data):
        """Return the recipients who are notified by email.

        :param list[dict] recipients_data: from `_notify_get_recipients`
        :return: partners, and the addresses of recipients without a partner
        :rtype: tuple[res.partner, list[str]]
        """
        email_data = [data for data in recipients_data if data["notif"] == "email"]
        return (
            self.env["res.partner"].browse(
                data["id"] for data in email_data if data["id"]
            ),
            [data["email_normalized"] for data in email_data if not data["id"]],
        )
