"""Replace Odoo's own tracking in copies of mailings (extends mail.mail)."""

import re
from contextlib import contextmanager

from odoo import api, models
from odoo.tools.mail import email_normalize_all

from ...tools.address import is_public_url

_short_url = re.compile(r"https?://[^/]+/r/([^/?#]+)")


class MailMail(models.Model):
    _inherit = "mail.mail"

    # ------------------------------------------------------------
    # Hooks of sending
    # ------------------------------------------------------------

    def _is_trackable(self):
        """Return True for every recipient's copy of a mailing: mailings are tracked
        without a user's request.
        """
        if not self.mailing_id:
            return super()._is_trackable()
        return self.state == "outgoing" and self._is_mailing_copy()

    def _get_copies_to_track(self):
        mailing_mails = self.filtered("mailing_id")
        copies = super(MailMail, self - mailing_mails)._get_copies_to_track()
        return copies + mailing_mails._get_mailing_copies()

    def _get_trackable_company(self):
        """Return the company of the user responsible for a mailing. The cron job that
        sends the mailing acts for no company.
        """
        # sudo: res.company - its settings apply to every sender
        responsible = self.mailing_id.user_id.company_id.sudo()
        return responsible or super()._get_trackable_company()

    def _get_source_record(self):
        # Reading the record would cost a query for each recipient.
        return self.mailing_id or super()._get_source_record()

    def _get_trackable_policy(self):
        policy = super()._get_trackable_policy()
        if not self.mailing_id:
            return policy
        # The author of a mailing also wrote its layout and its quotes.
        return policy._replace(author_html=None, leave_quotes=False)

    def _prepare_trackable_emails_values(self, copies):
        """Set the partner of mailing copies to addresses without a partner, if exactly
        one contact has the address and the contact's company fits.
        """
        values_list = super()._prepare_trackable_emails_values(copies)
        plain_addresses = {
            address
            for mail, partner, address in copies
            if mail.mailing_id and not partner
        }
        partner_by_address = (
            self._find_unambiguous_partners(plain_addresses) if plain_addresses else {}
        )
        for values, (_mail, partner, address) in zip(values_list, copies, strict=True):
            contact = partner_by_address.get(address) if not partner else None
            if contact and contact.company_id.id in (False, values["company_id"]):
                values["partner_id"] = contact.id
        return values_list

    def _prepare_decoy_values(self):
        """Prepare the decoy link of a mailing, if the company's settings ask for it. If
        a person still follows the link, it leads to the company's website.
        """
        company = self._get_trackable_company()
        if not self.mailing_id or not company.track_decoy_link:
            return super()._prepare_decoy_values()
        website = company.website
        return {
            **self._prepare_trackable_owner_values(),
            "mail_message_id": False,  # all copies of a mailing share links
            "url": website
            if is_public_url(website)
            else f"{self.get_base_url().rstrip('/')}/",
            "label": self.env._("Decoy link"),
            "is_decoy": True,
        }

    def _prepare_outgoing_body(self):
        """Prepare the body of a copy. Leave out Odoo's own tracking if the copy of a
        mailing is tracked, or if its recipient may not be tracked.

        :raise ValueError: the body of a tracked copy contains Odoo's own tracking
        """
        batch = self.env.context.get("trackable_batch")
        bodies = self.env.context.get("trackable_bodies")
        is_anonymous = bool(batch) and self.id in batch.anonymous_images
        is_prepared = bool(bodies) and self.id in bodies.prepared
        is_tracked = bool(bodies) and not is_prepared and self._is_mailing_copy()
        if not is_anonymous and not is_tracked:
            return super()._prepare_outgoing_body()
        with self._without_native_tracking():
            body = super()._prepare_outgoing_body()
        if is_tracked and self._get_tracking_url() in body:
            raise ValueError("The body contains Odoo's own tracking as well")
        return body

    # ------------------------------------------------------------
    # Copies
    # ------------------------------------------------------------

    def _is_mailing_copy(self):
        """Return whether this is a recipient's copy of a mailing, not a test email.

        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self.mailing_id
            and self.mailing_trace_ids
            and not any(self.mailing_trace_ids.mapped("is_test_trace"))
        )

    def _get_mailing_copies(self):
        """Return all copies of mailings whose tracked URLs recipients can reach.

        Log a warning for each base URL that recipients cannot reach.

        :rtype: list[tuple[MailMail, res.partner, str]]
        """
        public_mails = self.filtered(lambda mail: mail._has_public_url())
        for url in {mail._get_tracking_base_url() for mail in self - public_mails}:
            self.env["mail.message"]._warn_of_private_url(url)
        return [
            (mail, partner, mail._get_main_address(addresses))
            for mail in public_mails
            for partner, addresses in mail._get_copy_recipients()
            if addresses
        ]

    def _has_public_url(self):
        """Return whether recipients can reach the tracked URLs of this mail.

        :rtype: bool
        """
        self.ensure_one()
        return not self.env["mail.message"]._decide_untracked_reason(
            self._get_trackable_company(), self._get_tracking_base_url()
        )

    def _get_main_address(self, addresses):
        """Return the recipient's address: the first address of the mailing trace that
        the copy goes to.

        :param set[str] addresses: normalized addresses of the copy
        :rtype: str
        """
        trace_addresses = email_normalize_all(self.mailing_trace_ids[0].email or "")
        return next(
            (address for address in trace_addresses if address in addresses),
            min(addresses),
        )

    def _find_unambiguous_partners(self, addresses):
        """Return the contact of each address that only one contact has.

        :param set[str] addresses: normalized addresses
        :return: address -> contact
        :rtype: dict[str, res.partner]
        """
        # sudo: res.partner - the sender may lack read access to contacts
        partners = (
            self.env["res.partner"]
            .sudo()
            .search_fetch(
                [("email_normalized", "in", list(addresses))],
                ["email_normalized", "company_id"],
            )
        )
        return {
            address: partner
            for address, partner in partners.grouped("email_normalized").items()
            if len(partner) == 1
        }

    def _prepare_link_trackers_values(self, documents):
        """Prepare the values of each link tracker once for all mailing copies."""
        values = super()._prepare_link_trackers_values(documents)
        policies = {}
        for mail, document in documents.items():
            if mail.mailing_id:
                policies |= dict.fromkeys(
                    (link.url for link in document.links), document.policy
                )
        for url, tracker in self._find_link_trackers(policies).items():
            own_urls = policies[url].own_urls
            if tracker._has_short_url(url, own_urls):
                values[url] = tracker._prepare_destination_values(own_urls)
        return values

    @api.model
    def _find_link_trackers(self, urls):
        """Return Odoo's link trackers by the codes in URLs.

        :param urls: iterable of URLs; the URL of another site can have the same code
        :rtype: dict[str, link.tracker]
        """
        match_by_url = {url: _short_url.fullmatch(url) for url in urls}
        code_by_url = {url: match[1] for url, match in match_by_url.items() if match}
        if not code_by_url:
            return {}
        # sudo: link.tracker.code - users who may send a mailing may send its links
        records = (
            self.env["link.tracker.code"]
            .sudo()
            .search_fetch(
                [("code", "in", [*code_by_url.values()])], ["code", "link_id"]
            )
        )
        tracker_by_code = {record.code: record.link_id for record in records}
        return {
            url: tracker_by_code[code]
            for url, code in code_by_url.items()
            if code in tracker_by_code
        }

    @contextmanager
    def _without_native_tracking(self):
        """Prevent Odoo from adding its own tracking to the body, until the block ends.

        If a mail has a trace, Odoo adds an image. Odoo also appends the id of the trace
        to short links, and to links of other sites that look like short links.
        Therefore this method hides the trace in the cache.
        """
        field = self._fields["mailing_trace_ids"]
        traces = self.mailing_trace_ids
        field._update_cache(self, ())
        try:
            yield
        finally:
            field._update_cache(self, traces.ids)
