"""Tell the recipients of a message apart in its timeline (extends mail.message)."""

from odoo import models

from ...tools import consent


class MailMessage(models.Model):
    _inherit = "mail.message"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_timeline_recipients(self, emails, names):
        """Return the state of each recipient outside the company.

        An override adds or changes rows or their keys. The web client's template
        `pipeline_tracking.TrackingTimeline` shows them.

        :param trackable.email emails: the tracked copies, as superuser
        :param dict[TrackableEmail, str] names: from `_get_recipient_names`
        :return: rows with ``id``, unique in the timeline, ``name`` and ``tracking``: as
            the badge of a message that only this recipient received
        :rtype: list[dict]
        """
        self.ensure_one()
        rows = [
            {
                "id": email.id,
                "name": names[email],
                "tracking": {
                    **self.sudo()._prepare_tracking_badge(email),
                    "recipients": 1,
                },
            }
            for email in emails.filtered("sent_date")
        ]
        untracked = self._get_untracked_notifications(emails)
        texts = self._get_untracked_recipient_texts(untracked)
        return rows + [
            {
                "id": f"untracked-{notification.id}",
                "name": notification.res_partner_id.name
                or notification.res_partner_id.email
                or notification.mail_email_address,
                "tracking": {"untracked": texts[notification]},
            }
            for notification in untracked
        ]

    # ------------------------------------------------------------
    # Do not override: recipients without a tracked copy
    # ------------------------------------------------------------

    def _get_untracked_notifications(self, emails):
        """Return the notifications of recipients who received an untracked copy.

        :param trackable.email emails: the tracked copies, as superuser
        :rtype: mail.notification
        """
        notifications = self._get_sent_notifications()
        if not all(email.partner_id or email.email_to for email in emails):
            # A recipient was anonymized: no row may show who it was.
            return notifications.browse()
        addresses = set(filter(None, emails.mapped("email_to")))
        return notifications.filtered(
            lambda notification: (
                notification.res_partner_id not in emails.partner_id
                and notification.mail_email_address not in addresses
            )
        )

    def _get_untracked_recipient_texts(self, notifications):
        """Return why recipients are not tracked, as the current user may know it.

        A text shows an objection only to users who may read the objection. To others,
        it looks like missing consent, or like a copy that cannot be tracked.

        :param mail.notification notifications:
        :rtype: dict[mail.notification, str]
        """
        addresses = {
            notification: notification.res_partner_id.email_normalized
            or notification.mail_email_address
            for notification in notifications
        }
        consents = self.env["trackable.objection"]._read_consents(
            filter(None, addresses.values()), readable_only=True
        )
        mode = self._get_tracking_company().tracking_consent_mode
        return {
            notification: self._get_untracked_recipient_text(
                consents.get(address), mode
            )
            for notification, address in addresses.items()
        }

    def _get_untracked_recipient_text(self, readable_consent, mode):
        if readable_consent == consent.OBJECTED:
            return self.env._("Not tracked: opted out")
        if not consent.permits(readable_consent, mode):
            return self.env._("Not tracked: no consent")
        return self.env._("Not tracked")
