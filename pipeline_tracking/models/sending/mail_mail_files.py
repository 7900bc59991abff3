"""Send attachments of tracked copies as links (extends mail.mail)."""

import re

from odoo import models
from odoo.tools import consteq
from odoo.tools.misc import babel_locale_parse

from ...tools import address, file_kind, rewrite

# The pattern with which Odoo finds files that are linked in the body, and does not
# attach: `_prepare_outgoing_list`.
_linked_in_body = re.compile(r"/web/(?:content|image)/([0-9]+)")


class MailMail(models.Model):
    _inherit = "mail.mail"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _get_files_to_link(self):
        """Return the attachments that tracked copies contain as links.

        An override returns more or fewer of the attachments. Odoo attaches the other
        files to the mail.

        :rtype: ir.attachment
        """
        self.ensure_one()
        # sudo: mail.message, ir.attachment - a user who may send a mail may send its
        # attachments, in the way that its author chose
        attachments = self.sudo().attachment_ids
        if not attachments or self.sudo().attach_files:
            return attachments.browse()
        return attachments._get_files_to_link(self._get_trackable_company())

    # ------------------------------------------------------------
    # Do not override: files as links
    # ------------------------------------------------------------

    def _add_file_links(self, body):
        """Add links to the attachments at the end of the body. Their destinations are
        placeholders, which each copy replaces by tracked URLs.

        :param str body: HTML
        :rtype: str
        """
        files = self._get_files_to_link()
        if files:
            linked_ids = {int(file_id) for file_id in _linked_in_body.findall(body)}
            files = files.filtered(lambda file: file.id not in linked_ids)
        if not files:
            return body
        links = self.env["ir.qweb"]._render(
            "pipeline_tracking.file_links",
            {"files": [self._prepare_file_link(file) for file in files]},
        )
        # The plain-text part would show the line breaks of the template.
        return rewrite.Document(body).rewrite({}, addition=" ".join(links.split()))

    def _get_shared_file(self, attachment):
        """Return the file that all copies share. Each copy of a mailing has a duplicate
        of the mailing's attachment.

        :return: the attachment of the mailing; this attachment if there is no mailing
        :rtype: ir.attachment
        """
        # sudo: ir.attachment - a user who may send a mail may send its attachments
        for file in self.mailing_id.sudo().attachment_ids:
            if (file.checksum, file.name) == (attachment.checksum, attachment.name):
                return file
        return attachment

    def _get_files_sent_before(self, document):
        """Find files of earlier tracked emails that this mail links to. The author
        pasted or forwarded an earlier email, whose links were restored.

        :param rewrite.Document document:
        :return: destination -> attachment
        :rtype: dict[str, ir.attachment]
        """
        references = {
            link.url: address.parse_file_url(link.url, document.policy.own_urls)
            for link in document.links
        }
        references = {url: file for url, file in references.items() if file}
        file_ids = [file_id for file_id, _access_token in references.values()]
        # sudo: trackable.link - the URL holds the access token of the file
        links = self.env["trackable.link"].sudo()
        links = links.search([("attachment_id", "in", file_ids)])
        files = {file.id: file for file in links.attachment_id}
        return {
            url: files[file_id]
            for url, (file_id, access_token) in references.items()
            if file_id in files and consteq(files[file_id].access_token, access_token)
        }

    def _get_url_attachments(self):
        """Return the attachments that have a URL instead of a file. Odoo adds their
        links to the body in `_prepare_outgoing_list`.

        :rtype: ir.attachment
        """
        # sudo: ir.attachment - a user who may send a mail may send its attachments
        return self.sudo().attachment_ids.filtered(
            lambda attachment: (
                attachment.url
                and not attachment.file_size
                and attachment.url.startswith(("http://", "https://", "ftp://"))
            )
        )

    def _get_url_attachment_link(self, attachment):
        """Return the destination of the link that Odoo adds for an attachment with a
        URL, in its template `mail_attachment_links`.

        :rtype: str
        """
        (token,) = attachment.generate_access_token()
        return (
            f"{attachment.get_base_url()}/web/content/{attachment.id}"
            f"?download=1&access_token={token}"
        )

    def _get_file_placeholder(self, attachment):
        """Return the placeholder for the tracked URL of a file. Authors do not write
        such a URL.

        :rtype: str
        """
        base_url = self._get_tracking_base_url()
        return f"{base_url}/web/content/{attachment.id}?download=true#file"

    def _prepare_file_link(self, attachment):
        """Prepare the values of a file for the template.

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
