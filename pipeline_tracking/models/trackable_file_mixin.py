import re

from odoo import models
from odoo.tools.misc import babel_locale_parse

from ..tools import file_kind, rewrite

# As Odoo tells the attachments that need not be attached: `_prepare_outgoing_list`.
_linked_in_body = re.compile(r"/web/(?:content|image)/([0-9]+)")


class TrackableFileMixin(models.AbstractModel):
    """Of outgoing emails: attachments as links, at the end."""

    _name = "trackable.file.mixin"
    _description = "Trackable File Mixin"

    def _add_file_links(self, body):
        """The body with links to the attachments, for now to where they are in Odoo:
        each copy has its own in their place.

        :param str body: HTML
        :rtype: str
        """
        linked = {int(found) for found in _linked_in_body.findall(body)}
        files = self._get_linked_files().filtered(lambda file: file.id not in linked)
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
        if self._get_trackable_company().attach_tracked_files:
            return attachments.browse()
        return attachments.filtered(
            lambda file: (
                file.type == "binary"
                and not file_kind.is_invitation(file.name, file.mimetype)
            )
        ).sorted("id")

    def _get_file_placeholder(self, attachment):
        """Where a link to a file leads as long as it is nobody's copy."""
        return f"{self._get_own_url()}/web/content/{attachment.id}?download=true"

    def _prepare_file_link(self, attachment):
        """What is shown of a file.

        :return: values for the template
        :rtype: dict
        """
        lang = self.recipient_ids[:1].lang or self.env.lang
        return {
            "name": attachment.name,
            "url": self._get_file_placeholder(attachment),
            "badge": file_kind.badge(attachment.name, attachment.mimetype),
            "size": file_kind.human_size(
                attachment.file_size, babel_locale_parse(lang)
            ),
        }
