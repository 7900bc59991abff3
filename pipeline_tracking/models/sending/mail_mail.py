"""Odoo's hooks: prepare a batch before it leaves, and rewrite each copy (extends
mail.mail).
"""

import logging

from odoo import models

from .outgoing_batch import TrackableBatch, TrackableBodies

_logger = logging.getLogger(__name__)

MAIL_BATCH_SIZE = 50  # emails whose bodies are in memory at a time; as Odoo's composer


class NotRewrittenError(Exception):
    """Raised for any error of ours in a body: the email leaves as Odoo prepares it."""


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        """Create a batch's trackable emails before any of its copies leaves."""
        for mails in self._split_into_batches():
            batch = None
            if not self.env["ir.mail_server"]._disable_send():
                batch = mails._create_trackable_batch()
            mails = mails.with_context(trackable_batch=batch) if batch else mails
            try:
                super(MailMail, mails)._send(
                    auto_commit=auto_commit,
                    raise_exception=raise_exception,
                    smtp_session=smtp_session,
                    alias_domain_id=alias_domain_id,
                    mail_server=mail_server,
                    post_send_callback=post_send_callback,
                )
            finally:
                self._mark_not_sent(batch.get_not_sent() if batch else [])
        return True

    def _split_into_batches(self):
        """Split the emails into batches that are sent one after the other, so that not
        all bodies are in memory at once. The emails of a message stay together: all its
        recipients together decide whether it is tracked.

        :rtype: list[MailMail]
        """
        if len(self) <= MAIL_BATCH_SIZE:
            return [self]
        # Without prefetching: it would read the bodies of all emails.
        light_mails = self.sudo().with_context(prefetch_fields=False)
        batches = [[]]
        for mails in light_mails.grouped("mail_message_id").values():
            if len(batches[-1]) >= MAIL_BATCH_SIZE:
                batches.append([])
            batches[-1] += mails.ids
        return [self.browse(ids) for ids in batches]

    def _create_trackable_batch(self):
        """Create the trackable emails and links of the copies of these emails that are
        tracked.

        :return: None where no copy is tracked
        :rtype: TrackableBatch | None
        """
        bodies = TrackableBodies()
        copies = self.with_context(trackable_bodies=bodies)._create_trackable_copies()
        return TrackableBatch(copies, bodies) if copies else None

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        batch = self.env.context.get("trackable_batch")
        if batch:
            partner_ids = [partner.id for partner in success_pids]
            if success_emails:
                partner_ids.append(False)
            batch.handed_over.update(
                (mail.id, partner_id) for mail in self for partner_id in partner_ids
            )
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )

    def _prepare_outgoing_body(self):
        # Tracking needs the body before Odoo does, to collect the links. It is prepared
        # once for both.
        bodies = self.env.context.get("trackable_bodies")
        if bodies and self.id in bodies.prepared:
            return bodies.prepared[self.id]
        body = super()._prepare_outgoing_body()
        # A body can hold tracked URLs of an earlier email. They are not sent again.
        body = self.env["trackable.link"]._restore_html(body)
        if bodies:
            # Odoo does not attach files that the body links to.
            body = type(body)(self._add_objection_link(self._add_file_links(str(body))))
            bodies.prepared[self.id] = body
        return body

    def _personalize_outgoing_body(self, body, partner=False, doc_to_followers=None):
        # Before Odoo derives the plain-text part from the body: its links are tracked
        # as well.
        body = super()._personalize_outgoing_body(
            body, partner=partner, doc_to_followers=doc_to_followers
        )
        batch = self.env.context.get("trackable_batch")
        copy = batch and batch.get(self, partner)
        return self._rewrite_body(copy.rewrite_links, body) if copy else body

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        batch = self.env.context.get("trackable_batch")
        arguments = {"mail_server": mail_server, "doc_to_followers": doc_to_followers}
        if not batch or not batch.has_copy_of(self):
            return super()._prepare_outgoing_list(**arguments)
        mail = self.with_context(trackable_bodies=batch.bodies)
        untracked_mail = self.with_context(trackable_batch=None, trackable_bodies=None)
        try:
            emails = super(MailMail, mail)._prepare_outgoing_list(**arguments)
            copies = [batch.get(self, email["partner_id"]) for email in emails]
            for email, copy in zip(emails, copies, strict=True):
                if copy:
                    # Odoo has derived the plain-text part. The image has no text.
                    email["body"] = self._rewrite_body(copy.add_image, email["body"])
        except NotRewrittenError:
            _logger.exception("Email %s is sent untracked", self.id)
            self._mark_untracked_for_error()
            batch.send_untracked(self)
            return super(MailMail, untracked_mail)._prepare_outgoing_list(**arguments)
        if all(copies) or not any(copy and copy.has_additions for copy in copies):
            return emails
        # An untracked copy of the same mail has the files attached, and no objection
        # link.
        untracked_emails = super(MailMail, untracked_mail)._prepare_outgoing_list(
            **arguments
        )
        return [
            email if copy else untracked_email
            for email, untracked_email, copy in zip(
                emails, untracked_emails, copies, strict=True
            )
        ]

    def _rewrite_body(self, rewrite, body):
        """Rewrite a body.

        :param rewrite: method of a `TrackableCopy` that takes HTML and returns HTML
        :param str body: `Markup` or not
        :return: of the same type
        :raise NotRewrittenError: whatever went wrong
        """
        try:
            return type(body)(rewrite(str(body)))
        except Exception as error:
            raise NotRewrittenError from error
