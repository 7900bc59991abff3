import logging
import re
from collections import defaultdict

from odoo import models
from odoo.tools.mail import email_normalize_all

_logger = logging.getLogger(__name__)

_short_path = re.compile(r"/r/([A-Za-z0-9_-]+)")


class TrackableMailingMixin(models.AbstractModel):
    """Of outgoing emails: the copies of mailings. Odoo tracks them in a way of its own,
    in whose place is ours.
    """

    _name = "trackable.mailing.mixin"
    _description = "Trackable Mailing Mixin"

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
        base_url = self[:1].get_base_url()
        message = self.env["mail.message"]
        if self and message._get_untracked_reason(None, base_url):
            message._warn_of_private_url(base_url)
            return []
        return [
            (mail, partner, mail._get_main_address(addresses))
            for mail in self
            for partner, addresses in mail._get_copies()
            if addresses
        ]

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

    def _find_link_trackers(self, documents):
        """Odoo's own link trackers behind the links of mailings.

        :param dict documents: mail -> `rewrite.Document`
        :return: short URL, as it is in the body -> link tracker
        :rtype: dict[str, link.tracker]
        """
        codes = defaultdict(set)
        for mail, document in documents.items():
            if mail.mailing_id:
                for link in document.links:
                    code = _read_short_url(link.url, document.policy.own_urls)
                    if code:
                        codes[code].add(link.url)
        if not codes:
            return {}
        # sudo: link.tracker.code - whoever may send a mailing may send its links
        found = (
            self.env["link.tracker.code"]
            .sudo()
            .search_fetch([("code", "in", list(codes))], ["code", "link_id"])
        )
        return {url: one.link_id for one in found for url in codes[one.code]}

    def _remove_native_tracking(self, body):
        """A mailing's body without what Odoo's own tracking has put into it: its image,
        and the trace's number in the links, those of other sites that look like its
        own included.

        :param str body: HTML, from mass_mailing's `_prepare_outgoing_body`
        :rtype: str
        """
        image = f'<img src="{self._get_tracking_url()}"/>'
        body = body.replace(f"\n{image}\n", "").replace(image, "")
        for trace in self.mailing_trace_ids:
            body = re.sub(
                rf"""(https?://[^/"']+/r/[^"']*)/m/{trace.id}(?=["'])""", r"\1", body
            )
        return body


def _read_short_url(url, own_urls):
    """The code in the URL of a link tracker, or None where it is none."""
    for own_url in own_urls:
        if url.startswith(own_url):
            found = _short_path.fullmatch(url, len(own_url))
            if found:
                return found[1]
    return None
