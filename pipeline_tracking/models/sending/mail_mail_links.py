from contextlib import suppress
from urllib.parse import urlsplit

from odoo import models
from odoo.exceptions import MissingError

from ...lane.databases import databases, is_server_wide
from ...tools import link_labels, responses, rewrite, tracking_token

# What comes before and after the token.
_PATHS = {
    tracking_token.OPEN: ("", responses.IMAGE_SUFFIX),
    tracking_token.LINK: ("", ""),
    tracking_token.OBJECTION: (responses.OBJECTION_PATH, ""),
}


class MailMail(models.Model):
    """Collect the links of tracked copies, and sign their URLs (extends mail.mail)."""

    _inherit = "mail.mail"

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
        """URLs in whose place each copy has its own. To be extended.

        :rtype: list[str]
        """
        return [
            *map(self._get_file_placeholder, self._get_linked_files()),
            self._get_objection_placeholder(),
        ]

    def _get_own_urls(self):
        """The addresses that links into this Odoo begin with: the record, and what is
        attached, can have another one, of their website.

        :rtype: tuple[str]
        """
        urls = {self._get_own_url()}
        for source in (self, *self._get_attached_links(), *self._get_source_record()):
            with suppress(MissingError):  # the record was deleted
                urls.add(source.get_base_url().rstrip("/"))
        return tuple(sorted(urls))

    def _get_source_record(self):
        """Return the record that the email is sent from.

        :return: one record of any model, or none
        """
        if self.model in self.env and self.res_id:
            # sudo: any model - only the base URL of the record is read
            return self.env[self.model].sudo().browse(self.res_id)
        return self.browse()

    def _get_trackable_company(self):
        """Return the company whose settings hold.

        :rtype: res.company
        """
        return self.mail_message_id._get_tracking_company()

    def _prepare_link_trackers_values(self, documents):
        """Prepare values for the trackable links to Odoo's own link trackers, which the
        mailings have.

        :param dict documents: mail -> `rewrite.Document`
        :return: short URL, as in the body -> values; None for a link to leave alone
        :rtype: dict[str, dict | None]
        """
        return {}

    def _get_trackable_links(self, document):
        """What one mail links to.

        :param rewrite.Document document: what is sent
        :rtype: list[rewrite.Link]
        """
        # Nobody counts who follows the link by which a recipient objects.
        objection = self._get_objection_placeholder()
        return [
            *(link for link in document.links if link.url != objection),
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
    # The link by which a recipient objects
    # ------------------------------------------------------------

    def _get_objection_placeholder(self):
        """Where the link leads as long as it is nobody's copy: as no author would write
        it.
        """
        return f"{self._get_own_url()}/t/stop#objection"

    def _add_objection_link(self, body):
        """The body with the link, where the company wants it.

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
        # The line breaks of the template are none of the plain text's.
        return rewrite.Document(body).rewrite({}, addition=" ".join(link.split()))

    def _get_recipient_lang(self):
        """The language of what is added to it.

        :return: its code, or nothing
        """
        customer = self.recipient_ids.filtered("partner_share")[:1]
        return customer.lang or self.env.lang

    # ------------------------------------------------------------
    # Tracked URLs
    # ------------------------------------------------------------

    def _get_own_url(self):
        """What they begin with, without a slash at the end."""
        return self._get_trackable_company()._get_tracking_url(self.get_base_url())

    def _get_named_database(self):
        """The database that tracked URLs have to name, or "" where their host tells.

        :rtype: str
        """
        if not is_server_wide():
            return ""  # nobody would read it
        host = urlsplit(self._get_own_url()).netloc
        return databases.get_name_for_token(host, self.env.cr.dbname)

    def _get_url_signer(self):
        """What makes its tracked URLs: called with a kind of token, a trackable email,
        and for a link that one.

        :rtype: function
        """
        keys = self.env["trackable.key"]._get_keys()
        key_id = max(keys)
        own_url, database = self._get_own_url(), self._get_named_database()

        def sign(kind, email, link=None):
            named = {"link_id": link.id, "link_nonce": link.nonce} if link else {}
            signed = tracking_token.Token(
                kind, email.id, email.nonce, database=database, **named
            )
            before, after = _PATHS[kind]
            text = tracking_token.sign(signed, key_id, keys[key_id])
            return f"{own_url}{responses.PREFIX}{before}{text}{after}"

        return sign
