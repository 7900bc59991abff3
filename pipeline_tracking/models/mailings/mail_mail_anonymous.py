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
    """Send copies of mailings to recipients who may not be tracked (extends mail.mail).

    Their links lead to their destinations directly. For recipients who have not
    consented, but have not objected, one shared image counts opens anonymously.
    """

    _inherit = "mail.mail"

    # ------------------------------------------------------------
    # Hooks of sending
    # ------------------------------------------------------------

    def _create_trackable_batch(self):
        """Send copies untracked, or with the shared image, to recipients who may not be
        tracked.
        """
        images = self._make_anonymous_copies()
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
        emails = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        batch = self.env.context.get("trackable_batch")
        image_url = batch and batch.anonymous_images.get(self.id)
        return self._add_anonymous_image(emails, image_url) if image_url else emails

    # ------------------------------------------------------------
    # Copies
    # ------------------------------------------------------------

    def _make_anonymous_copies(self):
        """Which of a batch's mails are such copies.

        :return: mail id -> the URL of its image, or None
        :rtype: dict[int, str | None]
        """
        # sudo: mail.mail - technical; whoever may send it has it settled
        mails = self.sudo().filtered(
            lambda mail: mail.state == "outgoing" and mail._is_mailing_copy()
        )
        if not mails:
            return {}
        try:
            # A savepoint, so that the transaction that sends outlives an error of ours.
            with self.env.cr.savepoint(flush=False):
                levels = mails._get_tracking_levels()
        except Exception:  # whatever went wrong with us, the mailing leaves
            _logger.exception("Emails %s of mailings are sent untracked", mails.ids)
            return dict.fromkeys(mails.ids)
        counted = mails.filtered(lambda mail: levels[mail] == consent.AGGREGATE)
        images = counted._make_images_or_none()
        return {
            mail.id: images.get(mail.mailing_id) if mail in counted else None
            for mail in mails
            if levels[mail] != consent.PERSON
        }

    def _make_images_or_none(self):
        """As `_make_anonymous_images`; none where they cannot be made."""
        try:
            # A savepoint, for the same reason.
            with self.env.cr.savepoint(flush=False):
                return self._make_anonymous_images()
        except Exception:  # as above
            _logger.exception("Opens of emails %s are not counted", self.ids)
            return {}

    def _get_tracking_levels(self):
        """How far each copy of a mailing is tracked.

        :rtype: dict[MailMail, str]
        """
        addresses = {
            mail: set().union(*(own for _partner, own in mail._get_copy_recipients()))
            for mail in self
        }
        consents = self.env["trackable.objection"]._read_consents(
            set().union(*addresses.values())
        )
        levels = {}
        for mail, own in addresses.items():
            company = mail._get_trackable_company()
            if company.is_tracking_allowed and company.track_mailings:
                said = consent.combine(consents[address] for address in own)
                levels[mail] = consent.get_tracking_level(
                    said, company.tracking_consent_mode
                )
            else:
                levels[mail] = consent.NOTHING
        return levels

    def _make_anonymous_images(self):
        """The image that all the copies of a mailing have that count and name nobody.

        :return: mailing -> URL, where recipients could reach it
        :rtype: dict[mailing.mailing, str]
        """
        mails = {
            mail.mailing_id: mail
            for mail in self.filtered(lambda mail: mail._is_reachable())
        }
        if not mails:
            return {}
        values_list = [mail._prepare_anonymous_values() for mail in mails.values()]
        try:
            return self._sign_anonymous_images(mails, values_list)
        except psycopg2.errors.UniqueViolation:
            # Another worker has just made them: now they are found.
            return self._sign_anonymous_images(mails, values_list)

    def _sign_anonymous_images(self, mails, values_list):
        with transactions.committed_env(self.env) as env:
            emails = env["trackable.email"]._ensure_anonymous(
                env["trackable.mixin"]._clear_uncommitted_references(values_list)
            )
            return {
                mailing: mail._get_url_signer()(tracking_token.OPEN, email)
                for (mailing, mail), email in zip(mails.items(), emails, strict=True)
            }

    def _prepare_anonymous_values(self):
        """Values of the trackable email that stands for all of them. To be extended.

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

    def _replace_short_urls(self, body, destinations):
        """The body of a mailing without Odoo's short links, which keep who asked.

        :param str body: HTML, `Markup` or not; the result is the same
        :param dict[str, str] destinations: of the batch's short links, as far as they
            are known; added to
        """
        try:
            urls = set(_short_urls.findall(str(body)))
            self._add_destinations(urls - destinations.keys(), destinations)
            targets = {url: destinations[url] for url in urls if destinations[url]}
            policy = rewrite.EVERYTHING._replace(placeholders=frozenset(targets))
            return type(body)(rewrite.Document(str(body), policy).rewrite(targets))
        except psycopg2.Error:
            raise  # of the transaction
        except Exception:  # a mistake of ours: the short links work, and name nobody
            _logger.exception("Short links stay in email %s", self.id)
            return body

    def _add_destinations(self, urls, destinations):
        """Add where short links lead; None for what is none of ours."""
        destinations |= dict.fromkeys(urls)
        own_urls = self._get_own_urls()
        for url, tracker in self._find_link_trackers(urls).items():
            if tracker._has_short_url(url, own_urls):
                destinations[url] = tracker._get_destination()

    def _add_anonymous_image(self, emails, url):
        """Add the shared image to the emails that Odoo sends.

        :param list[dict] emails: from `_prepare_outgoing_list`
        :param str url: of the image
        :rtype: list[dict]
        """
        image = rewrite.render_image(url)
        try:
            for email in emails:
                body = email["body"]
                email["body"] = type(body)(
                    rewrite.Document(str(body)).rewrite({}, addition=image)
                )
        except Exception:  # a mistake of ours: the mailing leaves, and is not counted
            _logger.exception("Opens of email %s are not counted", self.id)
        return emails
