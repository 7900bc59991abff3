"""Send copies of mailings to recipients who may not be tracked (extends mail.mail).

Links in these copies lead directly to their destinations. If a recipient has neither
consented nor objected, one shared image per mailing counts opens anonymously.
"""

import logging
import re

import psycopg2

from odoo import fields, models

from ... import transactions
from ...tools import consent, rewrite, tracking_token
from ..sending.outgoing_batch import TrackableBatch, TrackableBodies

_logger = logging.getLogger(__name__)

_short_urls = re.compile(r"https?://[^/\s\"'<>]+/r/[^/?#\s\"'<>]+")


class MailMail(models.Model):
    _inherit = "mail.mail"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_anonymous_values(self):
        """Return the values of the anonymous trackable email of this copy's mailing.
        This trackable email counts the opens of all recipients who have neither
        consented nor objected.

        An override adds values of other `trackable.email` fields to the dictionary of
        super. The values must not identify a recipient.

        :rtype: dict
        """
        self.ensure_one()
        return {
            **self._prepare_trackable_owner_values(),
            "mail_message_id": False,
            "is_anonymous": True,
            "recipient_key": "anonymous",
            "subject": self.subject,
            "sent_date": fields.Datetime.now(),
        }

    # ------------------------------------------------------------
    # Do not override: hooks of sending
    # ------------------------------------------------------------

    def _create_trackable_batch(self):
        """Track no copies of mailings to recipients who may not be tracked. The batch
        holds only the shared image, or None, for these copies.
        """
        images = self._get_images_of_untracked_copies()
        mails = self.filtered(lambda mail: mail.id not in images)
        batch = super(MailMail, mails)._create_trackable_batch()
        if images and not batch:
            batch = TrackableBatch({}, TrackableBodies())
        if batch:
            batch.anonymous_images = images
        return batch

    def _personalize_outgoing_body(self, body, partner=False, doc_to_followers=None):
        body = super()._personalize_outgoing_body(
            body, partner=partner, doc_to_followers=doc_to_followers
        )
        batch = self.env.context.get("trackable_batch")
        if not batch or self.id not in batch.anonymous_images:
            return body
        return self._replace_short_urls(body, batch.destinations)

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        copies = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        batch = self.env.context.get("trackable_batch")
        image_url = batch and batch.anonymous_images.get(self.id)
        return self._add_anonymous_image(copies, image_url) if image_url else copies

    # ------------------------------------------------------------
    # Do not override: copies, and their images
    # ------------------------------------------------------------

    def _get_images_of_untracked_copies(self):
        """Return the shared image for each mailing copy whose recipient may not be
        tracked. If consent cannot be read, return None for every mailing copy.

        :return: mail id -> URL of the shared image, or None for a copy without an image
        :rtype: dict[int, str | None]
        """
        # sudo: mail.mail - technical fields, for the user who may send the mail
        mails = self.sudo().filtered(
            lambda mail: mail.state == "outgoing" and mail._is_mailing_copy()
        )
        if not mails:
            return {}
        try:
            # The savepoint keeps the sending transaction usable after an error here.
            with self.env.cr.savepoint(flush=False):
                level_by_mail = mails._get_tracking_levels()
        except Exception:  # a tracking error must not stop the mailing
            _logger.exception("Emails %s of mailings are sent untracked", mails.ids)
            return dict.fromkeys(mails.ids)
        counted_mails = mails.filtered(
            lambda mail: level_by_mail[mail] == consent.AGGREGATE
        )
        image_by_mailing = counted_mails._make_anonymous_images_or_log()
        return {
            mail.id: image_by_mailing.get(mail.mailing_id)
            if mail in counted_mails
            else None
            for mail in mails
            if level_by_mail[mail] != consent.PERSON
        }

    def _make_anonymous_images_or_log(self):
        """Call `_make_anonymous_images`. If it fails, log the error and return nothing.

        :rtype: dict[mailing.mailing, str]
        """
        try:
            # The savepoint keeps the sending transaction usable after an error here.
            with self.env.cr.savepoint(flush=False):
                return self._make_anonymous_images()
        except Exception:  # a tracking error must not stop the mailing
            _logger.exception("Opens of emails %s are not counted", self.ids)
            return {}

    def _get_tracking_levels(self):
        """Return the tracking level that consent and settings allow for each copy.

        :return: mail -> `consent.PERSON`, `consent.AGGREGATE` or `consent.NOTHING`
        :rtype: dict[MailMail, str]
        """
        addresses_by_mail = {
            mail: set().union(
                *(addresses for _partner, addresses in mail._get_copy_recipients())
            )
            for mail in self
        }
        consent_by_address = self.env["trackable.objection"]._read_consents(
            set().union(*addresses_by_mail.values())
        )
        level_by_mail = {}
        for mail, addresses in addresses_by_mail.items():
            company = mail._get_trackable_company()
            if company.is_tracking_allowed and company.track_mailings:
                combined_consent = consent.combine(
                    consent_by_address[address] for address in addresses
                )
                level_by_mail[mail] = consent.get_tracking_level(
                    combined_consent, company.tracking_consent_mode
                )
            else:
                level_by_mail[mail] = consent.NOTHING
        return level_by_mail

    def _make_anonymous_images(self):
        """Find or create the anonymous trackable email of each mailing, and return the
        URL of the image that counts opens without identifying the recipient.

        :return: mailing -> URL; without mailings that have no public base URL
        :rtype: dict[mailing.mailing, str]
        """
        mail_by_mailing = {
            mail.mailing_id: mail
            for mail in self.filtered(lambda mail: mail._has_public_url())
        }
        if not mail_by_mailing:
            return {}
        vals_list = [
            mail._prepare_anonymous_values() for mail in mail_by_mailing.values()
        ]
        try:
            return self._sign_anonymous_images(mail_by_mailing, vals_list)
        except psycopg2.errors.UniqueViolation:
            # Another worker created the trackable emails at the same time. The second
            # call finds these records.
            return self._sign_anonymous_images(mail_by_mailing, vals_list)

    def _sign_anonymous_images(self, mail_by_mailing, vals_list):
        """Commit the trackable emails that count opens, and return their image URLs.

        :param dict[mailing.mailing, MailMail] mail_by_mailing:
        :param list[dict] vals_list: values of the trackable emails, in the same order
        :return: mailing -> URL
        :rtype: dict[mailing.mailing, str]
        """
        with transactions.committed_env(self.env) as env:
            emails = env["trackable.email"]._ensure_anonymous(
                env["trackable.mixin"]._clear_uncommitted_references(vals_list)
            )
            return {
                mailing: mail._get_url_signer()(tracking_token.OPEN, email)
                for (mailing, mail), email in zip(
                    mail_by_mailing.items(), emails, strict=True
                )
            }

    def _replace_short_urls(self, body, destinations):
        """Replace Odoo's short links, which record visitors, with their destinations.

        :param str | Markup body: HTML
        :param dict[str, str | None] destinations: short URL -> destination, for the
            whole batch; changed in place
        :return: HTML of the same type as ``body``
        :rtype: str | Markup
        """
        try:
            urls = set(_short_urls.findall(str(body)))
            self._add_destinations(urls - destinations.keys(), destinations)
            targets = {url: destinations[url] for url in urls if destinations[url]}
            policy = rewrite.DEFAULT_POLICY._replace(placeholders=frozenset(targets))
            return type(body)(rewrite.Document(str(body), policy).rewrite(targets))
        except psycopg2.Error:
            raise  # the transaction has failed
        except Exception:  # the short links still work
            _logger.exception("Short links are not replaced in email %s", self.id)
            return body

    def _add_destinations(self, urls, destinations):
        """Look up the destinations of short URLs. A URL of another site gets None.

        :param set[str] urls: URLs that look like short URLs
        :param dict[str, str | None] destinations: changed in place
        """
        destinations |= dict.fromkeys(urls)
        own_urls = self._get_own_urls()
        for url, tracker in self._find_link_trackers(urls).items():
            if tracker._has_short_url(url, own_urls):
                destinations[url] = tracker._get_destination()

    def _add_anonymous_image(self, copies, url):
        """Add the shared image to the copies that Odoo sends for this mail.

        :param list[dict] copies: result of `_prepare_outgoing_list`
        :param str url: URL of the image
        :rtype: list[dict]
        """
        image = rewrite.render_image(url)
        try:
            for copy in copies:
                body = copy["body"]
                copy["body"] = type(body)(
                    rewrite.Document(str(body)).rewrite({}, addition=image)
                )
        except Exception:  # a tracking error must not stop the mailing
            _logger.exception("Opens of email %s are not counted", self.id)
        return copies
