"""Find the recipients of messages outside the company (extends mail.message)."""

from odoo import models

# Odoo has not sent the copies of these notifications.
NOT_SENT_STATUSES = ("ready", "canceled", "exception")


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _get_external_notifications(self):
        """Return the notifications by email to recipients outside the company.

        The web client's data of a message contains its notifications, so that they are
        already read for all messages of a chatter.

        :rtype: mail.notification
        """
        # sudo: mail.notification - Odoo shows the recipients beside the badge
        return self.sudo().notification_ids.filtered(
            lambda notification: (
                notification.notification_type == "email"
                and (
                    not notification.res_partner_id
                    or notification.res_partner_id.partner_share
                )
            )
        )

    def _get_external_notified_addresses(self):
        """Return the addresses outside the company that were notified by email.

        :rtype: set[str]
        """
        return {
            notification.res_partner_id.email_normalized
            or notification.mail_email_address
            for notification in self._get_external_notifications()
        }

    def _get_sent_notifications(self):
        """Return the notifications of recipients outside the company to whom Odoo sent
        this message, tracked or not.

        :rtype: mail.notification
        """
        return self._get_external_notifications().filtered(
            lambda notification: (
                notification.notification_status not in NOT_SENT_STATUSES
            )
        )
