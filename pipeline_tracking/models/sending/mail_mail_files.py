import re

from odoo import models
from odoo.tools import consteq
from odoo.tools.misc import babel_locale_parse

from ...tools import address, file_kind, rewrite

# As Odoo tells the attachments that need not be attached: `_prepare_outgoing_list`.
_linked_in_body = re.compile(r"/web/(?:content|image)/([0-9]+)")


class MailMail(models.Model):
    """Send attachments of tracked copies as links (extends mail.mail)."""

    _inherit = "mail.mail"

    def _add_file_links(self, body):
        """The body with links to the attachments, for now to where they are in Odoo:
        each copy has its own in their place.

        :param str body: HTML
        :rtype: str
        """
        files = self._get_linked_files()
        if files:
            linked = {int(found) for found in _linked_in_body.findall(body)}
            files = files.filtered(lambda file: file.id not in linked)
        if not files:
            return body
        links = self.env["ir.qweb"]._render(
            "pipeline_tracking.file_links",
            {"files": [self._prepare_file_link(file) for file in files]},
        )
        # The line breaks of the template are none of the plain text's.
        return rewrite.Document(body).rewrite({}, addition=" ".join(links.split()))

    def _get_linked_files(self):
        """The attachments that a tracked copy links to. To be extended.

        :rtype: ir.attachment
        """
        self.ensure_one()
        # sudo: ir.attachment - whoever may send an email may send what is attached
        attachments = self.sudo().attachment_ids
        if not attachments or self._get_trackable_company().attach_tracked_files:
            return attachments.browse()
        return attachments.filtered(
            lambda file: (
                file.type == "binary"
                and file.file_size
                and not file_kind.is_invitation(file.name, file.mimetype)
            )
        ).sorted("id")

    def _get_shared_file(self, attachment):
        """The file that stands for an attachment: of a mailing, whose copies have each
        their own attachment, that of the mailing.

        :rtype: ir.attachment
        """
        # sudo: ir.attachment - as above
        for file in self.mailing_id.sudo().attachment_ids:
            if (file.checksum, file.name) == (attachment.checksum, attachment.name):
                return file
        return attachment

    def _get_files_sent_before(self, document):
        """The files of earlier tracked emails that this one links to: one was pasted or
        forwarded, and its links restored.

        :param rewrite.Document document:
        :return: destination -> attachment
        :rtype: dict[str, ir.attachment]
        """
        found = {
            link.url: address.parse_file_url(link.url, document.policy.own_urls)
            for link in document.links
        }
        found = {url: file for url, file in found.items() if file}
        # sudo: trackable.link - the file's access token in the URL gives the right
        links = (
            self.env["trackable.link"]
            .sudo()
            .search([("attachment_id", "in", [number for number, _ in found.values()])])
        )
        files = {file.id: file for file in links.attachment_id}
        return {
            url: files[number]
            for url, (number, access_token) in found.items()
            if number in files and consteq(files[number].access_token, access_token)
        }

    def _get_attached_links(self):
        """The attachments that are no files but links to some, which Odoo adds to the
        body itself: `_prepare_outgoing_list`.

        :rtype: ir.attachment
        """
        # sudo: ir.attachment - as above
        return self.sudo().attachment_ids.filtered(
            lambda link: (
                link.url
                and not link.file_size
                and link.url.startswith(("http://", "https://", "ftp://"))
            )
        )

    def _get_attached_link_url(self, attachment):
        """Where Odoo's own link leads: its template `mail_attachment_links`."""
        (token,) = attachment.generate_access_token()
        return (
            f"{attachment.get_base_url()}/web/content/{attachment.id}"
            f"?download=1&access_token={token}"
        )

    def _get_file_placeholder(self, attachment):
        """Where a link to a file leads as long as it is nobody's copy: as no author
        would write it.
        """
        return f"{self._get_own_url()}/web/content/{attachment.id}?download=true#file"

    def _prepare_file_link(self, attachment):
        """What is shown of a file.

        :return: values for the template
        :rtype: dict
        """
        return {
            "name": attachment.name,
            "url": self._get_file_placeholder(attachment),
            "badge": file_kind.badge(attachment.name, attachment.mimetype),
            "size": file_kind.human_size(
                attachment.file_size, babel_locale_parse(self._get_recipient_lang())
            ),
        }
