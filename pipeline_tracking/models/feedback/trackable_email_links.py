"""List the links and files of an email (extends trackable.email)."""

from odoo import api, models


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    def _compute_link_ids(self):
        """Compute the links of each email.

        An email of a mailing has the mailing's files, and the links of the email's
        actions. The other links of a mailing can differ between recipients.
        """
        Link = self.env["trackable.link"]
        links = Link.search(
            [
                "|",
                ("mail_message_id", "in", self.mail_message_id.ids),
                "&",
                ("mailing_id", "in", self.mailing_id.ids),
                ("is_file", "=", True),
            ]
        )
        links_by_source = links.grouped(
            lambda link: link.mailing_id or link.mail_message_id
        )
        for email in self:
            source = email.mailing_id or email.mail_message_id
            links_of_email = links_by_source.get(source, links.browse())
            if email.mailing_id:
                links_of_email |= email.action_ids.trackable_link_id
                links_of_email |= email.total_ids.trackable_link_id
            email.link_ids = links_of_email

    @api.depends("link_ids")
    def _compute_link_kinds(self):
        for email in self:
            email.file_link_ids = email.link_ids.filtered("is_file")
            email.address_link_ids = email.link_ids - email.file_link_ids
