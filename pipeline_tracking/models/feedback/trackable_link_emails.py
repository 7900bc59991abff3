"""Name the emails that contain a link (extends trackable.link)."""

from odoo import models

MAX_NAMES = 3


class TrackableLink(models.Model):
    _inherit = "trackable.link"

    def _compute_emails(self):
        """Compute subject, recipients and date of the email, or of the mailing. Names
        of a mailing's recipients are left out: there can be a hundred thousand.
        """
        emails = self.env["trackable.email"].search(
            [("mail_message_id", "in", self.mail_message_id.ids)], order="id"
        )
        emails_by_message = emails.grouped("mail_message_id")
        # sudo: mailing.mailing - users who may read a link see the mailing's subject
        mailings = self.mailing_id.sudo().exists()
        for link in self:
            emails = emails_by_message.get(link.mail_message_id, emails.browse())
            mailing = link.mailing_id.sudo() & mailings
            link.email_subject = mailing.subject or emails[:1].subject
            link.recipient_names = emails._describe_recipients()
            link.sent_date = mailing.sent_date or emails[:1].sent_date


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    def _describe_recipients(self):
        """Return the names of the recipients, or their number if there are many.

        :rtype: str
        """
        if len(self) > MAX_NAMES:
            return self.env._("%s recipients", len(self))
        return ", ".join(filter(None, self.mapped("recipient_name")))
