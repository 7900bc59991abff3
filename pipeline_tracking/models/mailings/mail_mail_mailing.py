import re
from contextlib import contextmanager

from odoo import api, models
from odoo.tools.mail import email_normalize_all

_short_url = re.compile(r"https?://[^/]+/r/([^/?#]+)")


class MailMail(models.Model):
    """Replace Odoo's own tracking in the copies of mailings with ours (extends
    mail.mail).
    """

    _inherit = "mail.mail"

    # ------------------------------------------------------------
    # Hooks of sending
    # ------------------------------------------------------------

    def _is_trackable(self):
        """Every recipient's copy of a mailing is tracked, without being asked for."""
        if not self.mailing_id:
            return super()._is_trackable()
        return self.state == "outgoing" and self._is_mailing_copy()

    def _get_copies_to_track(self):
        mailing_mails = self.filtered("mailing_id")
        copies = super(MailMail, self - mailing_mails)._get_copies_to_track()
        return copies + mailing_mails._get_mailing_copies()

    def _get_trackable_company(self):
        """Return the company of the user responsible for a mailing: the job that sends
        it acts for no company.
        """
        # sudo: res.company - its settings hold, whoever sends
        responsible = self.mailing_id.user_id.company_id.sudo()
        return responsible or super()._get_trackable_company()

    def _get_source_record(self):
        # The record would cost a query for each recipient.
        return self.mailing_id or super()._get_source_record()

    def _get_trackable_policy(self):
        policy = super()._get_trackable_policy()
        if not self.mailing_id:
            return policy
        # The layout and the quotes of a mailing are its author's.
        return policy._replace(author_html=None, leave_quotes=False)

    def _prepare_trackable_emails_values(self, copies):
        """Name the contacts of mailing copies that are sent to plain addresses."""
        values_list = super()._prepare_trackable_emails_values(copies)
        unnamed = {
            address
            for mail, partner, address in copies
            if mail.mailing_id and not partner
        }
        partners = self._find_only_partners(unnamed) if unnamed else {}
        for values, (_mail, partner, address) in zip(values_list, copies, strict=True):
            contact = partners.get(address) if not partner else None
            if contact and contact.company_id.id in (False, values["company_id"]):
                values["partner_id"] = contact.id
        return values_list

    def _prepare_outgoing_body(self):
        """Prepare the body of a copy without Odoo's own tracking.

        :raise ValueError: Odoo's own tracking is in the body of a tracked copy
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
            raise ValueError("Odoo's own tracking is in the body as well")
        return body

    # ------------------------------------------------------------
    # Copies
    # ------------------------------------------------------------

    def _is_mailing_copy(self):
        """Whether it is a recipient's copy of a mailing: a test has no trace.

        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self.mailing_id
            and self.mailing_trace_ids
            and not any(self.mailing_trace_ids.mapped("is_test_trace"))
        )

    def _get_mailing_copies(self):
        """The copies, all of which are tracked, where recipients could follow a link.

        :rtype: list[tuple[MailMail, res.partner, str]]
        """
        reachable = self.filtered(lambda mail: mail._is_reachable())
        for url in {mail._get_tracking_base_url() for mail in self - reachable}:
            self.env["mail.message"]._warn_of_private_url(url)
        return [
            (mail, partner, mail._get_main_address(addresses))
            for mail in reachable
            for partner, addresses in mail._get_copy_recipients()
            if addresses
        ]

    def _is_reachable(self):
        """Whether recipients could follow its tracked URLs."""
        self.ensure_one()
        return not self.env["mail.message"]._decide_untracked_reason(
            self._get_trackable_company(), self._get_tracking_base_url()
        )

    def _get_main_address(self, addresses):
        """The one of a copy's addresses that is its recipient's, as Odoo has it.

        :param set[str] addresses: normalised
        """
        traced = email_normalize_all(self.mailing_trace_ids[0].email or "")
        return next((one for one in traced if one in addresses), min(addresses))

    def _find_only_partners(self, addresses):
        """Contacts with these addresses, each the only one that has it.

        :param set[str] addresses: normalised
        :return: address -> contact
        :rtype: dict[str, res.partner]
        """
        # sudo: res.partner - also where the sender may not read them
        partners = (
            self.env["res.partner"]
            .sudo()
            .search_fetch(
                [("email_normalized", "in", list(addresses))],
                ["email_normalized", "company_id"],
            )
        )
        return {
            address: own
            for address, own in partners.grouped("email_normalized").items()
            if len(own) == 1
        }

    def _prepare_link_trackers_values(self, documents):
        """Prepare the values of each link tracker once for all copies."""
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
        """Odoo's own link trackers that these URLs look like.

        :param urls: any
        :rtype: dict[str, link.tracker]
        """
        codes = {url: _short_url.fullmatch(url) for url in urls}
        codes = {url: found[1] for url, found in codes.items() if found}
        if not codes:
            return {}
        # sudo: link.tracker.code - whoever may send a mailing may send its links
        found = (
            self.env["link.tracker.code"]
            .sudo()
            .search_fetch([("code", "in", [*codes.values()])], ["code", "link_id"])
        )
        trackers = {one.code: one.link_id for one in found}
        return {url: trackers[code] for url, code in codes.items() if code in trackers}

    @contextmanager
    def _without_native_tracking(self):
        """Have Odoo put none of its own tracking into the body: its image, and the
        trace's number in the links, those of other sites that look like its own
        included. It does so where it finds a trace.
        """
        field = self._fields["mailing_trace_ids"]
        traces = self.mailing_trace_ids
        field._update_cache(self, ())
        try:
            yield
        finally:
            field._update_cache(self, traces.ids)
