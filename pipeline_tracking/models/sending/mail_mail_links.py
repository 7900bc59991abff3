import re
from contextlib import suppress

from odoo import models
from odoo.exceptions import MissingError
from odoo.tools import consteq
from odoo.tools.misc import babel_locale_parse

from ...tools import address, file_kind, link_labels, rewrite

# As Odoo tells the attachments that need not be attached: `_prepare_outgoing_list`.
_linked_in_body = re.compile(r"/web/(?:content|image)/([0-9]+)")


class TrackableContentMixin(models.AbstractModel):
    """Of outgoing emails: what tracked copies are made from, its links and files."""

    _name = "trackable.content.mixin"
    _description = "Trackable Content Mixin"

    def _read_outgoing_document(self):
        """What the tracked copies are made from, files as links.

        :rtype: rewrite.Document
        """
        self.ensure_one()
        body = self._prepare_outgoing_body()
        return rewrite.Document(str(body), self._get_trackable_policy())

    def _get_trackable_policy(self):
        """Which links are tracked. To be extended.

        :rtype: rewrite.Policy
        """
        self.ensure_one()
        author_html = None
        # The layout of a mailing is its author's as well.
        if not self.mailing_id and (self.is_notification or self.body):
            render = self.env["mail.render.mixin"]
            author_html = str(render._replace_local_links(self.body) or "")
        return rewrite.Policy(
            author_html=author_html,
            own_urls=self._get_own_urls(),
            leave_addresses=not self._get_trackable_company().track_address_links,
            placeholders=frozenset(self._get_placeholders()),
            # A mailing answers nobody: its quotes are its author's.
            leave_quotes=not self.mailing_id,
        )

    def _get_placeholders(self):
        """URLs in whose place each copy has its own. To be extended.

        :rtype: list[str]
        """
        return [*map(self._get_file_placeholder, self._get_linked_files())]

    def _get_own_urls(self):
        """The addresses that links into this Odoo begin with: the record, and what is
        attached, can have another one, of their website.

        :rtype: tuple[str]
        """
        sources = [self, *self._get_attached_links()]
        if self.mailing_id:
            # Not the record's, which a query for each recipient would tell.
            sources.append(self.mailing_id)
        elif self.model in self.env and self.res_id:
            # sudo: any model - it is about its address only
            sources.append(self.env[self.model].sudo().browse(self.res_id))
        urls = {self._get_own_url()}
        for source in sources:
            with suppress(MissingError):  # the record was deleted
                urls.add(source.get_base_url().rstrip("/"))
        return tuple(sorted(urls))

    def _get_trackable_company(self):
        """Of a mailing, that of whoever is responsible: the job that sends it has none
        of its own.
        """
        # sudo: res.company - its settings hold, whoever sends
        responsible = self.mailing_id.user_id.company_id.sudo()
        return responsible or self.mail_message_id._get_tracking_company()

    def _get_trackable_links(self, document):
        """What one mail links to.

        :param rewrite.Document document: what is sent
        :rtype: list[rewrite.Link]
        """
        return [
            *document.links,
            *(
                rewrite.Link(self._get_attached_link_url(attachment), attachment.name)
                for attachment in self._get_attached_links()
            ),
        ]

    def _prepare_trackable_links_values(self, links, document, trackers):
        """Values of trackable links of one mail.

        :param list[rewrite.Link] links: some of `_get_trackable_links`
        :param rewrite.Document document: what is sent
        :param dict[str, dict] trackers: from `_prepare_link_trackers_values`
        :rtype: list[dict]
        """
        files = {
            self._get_file_placeholder(attachment): attachment
            for attachment in self._get_linked_files()
        }
        files |= self._get_files_sent_before(document)
        owner = self._prepare_trackable_owner_values()
        if owner["mailing_id"]:
            owner["mail_message_id"] = False  # all its copies share the links
        return [
            {
                **owner,
                **self._prepare_trackable_link_values(
                    link, files.get(link.url), trackers.get(link.url)
                ),
            }
            for link in links
        ]

    def _prepare_trackable_link_values(self, link, attachment=None, tracker=None):
        """Values of the trackable link for a destination. To be extended.

        :param rewrite.Link link:
        :param ir.attachment attachment: the file it leads to, if it is one
        :param dict tracker: values for one that leads to a link tracker of Odoo's
        :rtype: dict
        """
        self.ensure_one()
        values = {"url": link.url, "label": link.label}
        if tracker:
            # What has no text is told by its address.
            has_text = link.label != link_labels.readable_address(link.url)
            values = {**tracker, "label": link.label if has_text else tracker["label"]}
        if attachment:
            shared = self._get_shared_file(attachment)
            if shared != attachment:
                values["url"] = self._get_file_placeholder(shared)
            values.update(
                label=attachment.name,
                is_file=True,
                content=attachment._get_stored_content(),
            )
        return values

    # ------------------------------------------------------------
    # Files
    # ------------------------------------------------------------

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
            link.url: address.read_file_url(link.url, document.policy.own_urls)
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

    def _get_recipient_lang(self):
        """The language of what is added to it.

        :return: its code, or nothing
        """
        customer = self.recipient_ids.filtered("partner_share")[:1]
        return customer.lang or self.env.lang
