"""Collect the links of tracked copies, and sign their URLs (extends mail.mail).

`outgoing_batch.py` explains copies, placeholders and plain addresses.
"""

from contextlib import suppress
from urllib.parse import urlsplit

from odoo import models
from odoo.exceptions import MissingError

from ...lane.databases import databases, is_server_wide
from ...tools import link_labels, responses, rewrite, tracking_token

# The parts of the path before and after the token.
_PATHS = {
    tracking_token.OPEN: ("", responses.IMAGE_SUFFIX),
    tracking_token.LINK: ("", ""),
    tracking_token.OBJECTION: (responses.OBJECTION_PATH, ""),
}


class MailMail(models.Model):
    _inherit = "mail.mail"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _get_trackable_policy(self):
        """Return the policy that decides which links are tracked.

        An override changes values of the policy (a named tuple) that super returns.

        :rtype: rewrite.Policy
        """
        self.ensure_one()
        author_html = None
        if self.is_notification or self.body:
            render = self.env["mail.render.mixin"]
            author_html = str(render._replace_local_links(self.body) or "")
        return rewrite.Policy(
            author_html=author_html,
            own_urls=self._get_own_urls(),
            leave_addresses=not self._get_trackable_company().track_address_links,
            placeholders=frozenset(self._get_placeholders()),
            leave_quotes=True,
        )

    def _get_placeholders(self):
        """Return the URLs that each copy replaces by tracked URLs.

        An override adds the URLs of the links that it adds to the body. If a copy still
        contains such a URL, the mail is sent untracked.

        :rtype: list[str]
        """
        return [
            *map(self._get_file_placeholder, self._get_files_to_link()),
            self._get_objection_placeholder(),
        ]

    def _get_source_record(self):
        """Return the record that the mail is sent from.

        An override returns another record if the body contains that record's base URL.

        :return: one record of any model, or none
        """
        if self.model in self.env and self.res_id:
            # sudo: any model - only the base URL of the record is read
            return self.env[self.model].sudo().browse(self.res_id)
        return self.browse()

    def _get_trackable_company(self):
        """Return the company whose settings apply to the mail.

        An override returns a company with sudo, because any user may send the mail.

        :rtype: res.company
        """
        return self.mail_message_id._get_tracking_company()

    def _prepare_link_trackers_values(self, documents):
        """Prepare the values of trackable links whose URL is a short URL of Odoo's link
        trackers. Only mailings have such links.

        An override adds the links of another kind of mail.

        :param dict documents: mail -> `rewrite.Document`
        :return: short URL, as in the body -> values; None for a link to leave alone
        :rtype: dict[str, dict | None]
        """
        return {}

    def _prepare_trackable_link_values(self, link, attachment=None, tracker=None):
        """Prepare the values of the trackable link for a destination.

        An override adds values of fields that its module adds to `trackable.link`.

        :param rewrite.Link link:
        :param ir.attachment attachment: the file that the link leads to, if any
        :param dict tracker: from `_prepare_link_trackers_values`, if the link leads to
            a link tracker
        :rtype: dict
        """
        self.ensure_one()
        values = {"url": link.url, "label": link.label}
        if tracker:
            # The label of a link without text is its address.
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
    # Do not override: collecting links
    # ------------------------------------------------------------

    def _read_outgoing_document(self):
        """Read the document that the tracked copies are prepared from, with files as
        links.

        :rtype: rewrite.Document
        """
        self.ensure_one()
        body = self._prepare_outgoing_body()
        return rewrite.Document(str(body), self._get_trackable_policy())

    def _get_own_urls(self):
        """Return the base URLs of this Odoo. Records and attachments that belong to a
        website can have another base URL.

        :rtype: tuple[str]
        """
        urls = {self._get_tracking_base_url()}
        for source in (self, *self._get_url_attachments(), *self._get_source_record()):
            with suppress(MissingError):  # the record was deleted
                urls.add(source.get_base_url().rstrip("/"))
        return tuple(sorted(urls))

    def _get_trackable_links(self, document):
        """Return the links of this mail that can be tracked, including the links that
        Odoo adds for attachments with a URL.

        :param rewrite.Document document: from `_read_outgoing_document`
        :rtype: list[rewrite.Link]
        """
        # Visits to the objection page are not counted.
        objection = self._get_objection_placeholder()
        return [
            *(link for link in document.links if link.url != objection),
            *(
                rewrite.Link(self._get_url_attachment_link(attachment), attachment.name)
                for attachment in self._get_url_attachments()
            ),
        ]

    def _prepare_trackable_links_values(self, links, document, trackers):
        """Prepare the values of trackable links of this mail.

        :param list[rewrite.Link] links: from `_get_trackable_links`
        :param rewrite.Document document: from `_read_outgoing_document`
        :param dict[str, dict] trackers: from `_prepare_link_trackers_values`
        :rtype: list[dict]
        """
        files = {
            self._get_file_placeholder(attachment): attachment
            for attachment in self._get_files_to_link()
        }
        files |= self._get_files_sent_before(document)
        owner = self._prepare_trackable_owner_values()
        if owner["mailing_id"]:
            owner["mail_message_id"] = False  # all copies of a mailing share links
        return [
            {
                **owner,
                **self._prepare_trackable_link_values(
                    link, files.get(link.url), trackers.get(link.url)
                ),
            }
            for link in links
        ]

    # ------------------------------------------------------------
    # Do not override: the objection link
    # ------------------------------------------------------------

    def _get_objection_placeholder(self):
        """Return the placeholder for the tracked URL of the objection link. Authors do
        not write such a URL.

        :rtype: str
        """
        return f"{self._get_tracking_base_url()}/t/stop#objection"

    def _add_objection_link(self, body):
        """Add the objection link to the body, if the company's settings ask for it.

        :param str body: HTML
        :rtype: str
        """
        if not self._get_trackable_company().tracking_objection_link:
            return body
        qweb = self.env["ir.qweb"].with_context(lang=self._get_recipient_lang())
        link = qweb._render(
            "pipeline_tracking.objection_link",
            {"url": self._get_objection_placeholder()},
        )
        # The plain-text part would show the line breaks of the template.
        return rewrite.Document(body).rewrite({}, addition=" ".join(link.split()))

    def _get_recipient_lang(self):
        """Return the language code for texts that are added to the body.

        :rtype: str
        """
        customer = self.recipient_ids.filtered("partner_share")[:1]
        return customer.lang or self.env.lang

    # ------------------------------------------------------------
    # Do not override: building tracked URLs
    # ------------------------------------------------------------

    def _get_tracking_base_url(self):
        """Return the base URL of tracked URLs, without a slash at the end.

        :rtype: str
        """
        return self._get_trackable_company()._get_tracking_url(self.get_base_url())

    def _get_token_database(self):
        """Return the database name to put into tracked URLs, or "" if the host
        identifies the database.

        :rtype: str
        """
        if not is_server_wide():
            return ""  # only the fast lane reads the name
        host = urlsplit(self._get_tracking_base_url()).netloc
        return databases.get_name_for_token(host, self.env.cr.dbname)

    def _get_url_signer(self):
        """Return a function that builds the tracked URLs of this mail. The function
        takes a kind of token, a trackable email, and for a link the trackable link.

        :rtype: function
        """
        keys = self.env["trackable.key"]._get_keys()
        key_id = max(keys)
        base_url, database = self._get_tracking_base_url(), self._get_token_database()

        def sign(kind, email, link=None):
            link_values = {"link_id": link.id, "link_nonce": link.nonce} if link else {}
            token = tracking_token.Token(
                kind, email.id, email.nonce, database=database, **link_values
            )
            before, after = _PATHS[kind]
            text = tracking_token.sign(token, key_id, keys[key_id])
            return f"{base_url}{responses.PREFIX}{before}{text}{after}"

        return sign
