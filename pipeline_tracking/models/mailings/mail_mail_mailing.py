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
        for url in {mail._get_own_url() for mail in self - reachable}:
            self.env["mail.message"]._warn_of_private_url(url)
        return [
            (mail, partner, mail._get_main_address(addresses))
            for mail in reachable
            for partner, addresses in mail._get_copies()
            if addresses
        ]

    def _is_reachable(self):
        """Whether recipients could follow its tracked URLs."""
        self.ensure_one()
        return not self.env["mail.message"]._get_untracked_reason(
            self._get_trackable_company(), self._get_own_url()
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
        """Values for the trackable links of mailings that lead to Odoo's own link
        trackers, each prepared once.

        :param dict documents: mail -> `rewrite.Document`
        :return: short URL, as it is in the body -> values; None where it is to be left
            alone, for where it leads
        :rtype: dict[str, dict | None]
        """
        policies = {}
        for mail, document in documents.items():
            if mail.mailing_id:
                policies |= dict.fromkeys(
                    (link.url for link in document.links), document.policy
                )
        return {
            url: tracker._prepare_trackable_link_values(policies[url].own_urls)
            for url, tracker in self._find_link_trackers(policies).items()
            if tracker._has_short_url(url, policies[url].own_urls)
        }

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
