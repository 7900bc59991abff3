"""Prepare a batch before it is sent, and rewrite each copy (extends mail.mail)."""

import logging

from odoo import models

from .outgoing_batch import TrackableBatch, TrackableBodies

_logger = logging.getLogger(__name__)

MAIL_BATCH_SIZE = 50  # mails with a body in memory at a time, as in Odoo's composer


class NotRewrittenError(Exception):
    """Raised if this addon fails to rewrite a body. The mail is sent untracked."""


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
        """Create the trackable emails of a batch before any of its copies is sent."""
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
                self._mark_not_sent(batch.get_not_sent_as_tracked() if batch else [])
        return True

    def _split_into_batches(self):
        """Split the mails into batches that are sent one after the other, to limit the
        number of bodies in memory. The mails of a message stay together, because the
        decision to track a message depends on all its recipients.

        :rtype: list[MailMail]
        """
        if len(self) <= MAIL_BATCH_SIZE:
            return [self]
        # Prefetching would read the bodies of all mails.
        light_mails = self.sudo().with_context(prefetch_fields=False)
        batches = [[]]
        for mails in light_mails.grouped("mail_message_id").values():
            if len(batches[-1]) >= MAIL_BATCH_SIZE:
                batches.append([])
            batches[-1] += mails.ids
        return [self.browse(ids) for ids in batches]

    def _create_trackable_batch(self):
        """Create the trackable emails and links for the tracked copies of these mails.

        :return: the batch, or None if no copy is tracked
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
        # Tracking collects the links before Odoo asks for the body. Prepare the body
        # only once for both.
        bodies = self.env.context.get("trackable_bodies")
        if bodies and self.id in bodies.prepared:
            return bodies.prepared[self.id]
        body = super()._prepare_outgoing_body()
        # A body can contain tracked URLs of an earlier email. Do not send them again.
        body = self.env["trackable.link"]._restore_html(body)
        if bodies:
            # Odoo does not attach files that are linked in the body.
            body = type(body)(self._add_objection_link(self._add_file_links(str(body))))
            bodies.prepared[self.id] = body
        return body

    def _personalize_outgoing_body(self, body, partner=False, doc_to_followers=None):
        # Odoo derives the plain-text part from the rewritten body, so that links in the
        # plain-text part are tracked as well.
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
            copies = super(MailMail, mail)._prepare_outgoing_list(**arguments)
            trackable_copies = [batch.get(self, copy["partner_id"]) for copy in copies]
            for copy, trackable_copy in zip(copies, trackable_copies, strict=True):
                if trackable_copy:
                    # Add the image after Odoo has derived the plain-text part.
                    copy["body"] = self._rewrite_body(
                        trackable_copy.add_image, copy["body"]
                    )
        except NotRewrittenError:
            _logger.exception("Email %s is sent untracked", self.id)
            self._mark_untracked_for_error()
            batch.mark_untracked(self)
            return super(MailMail, untracked_mail)._prepare_outgoing_list(**arguments)
        if all(trackable_copies) or not any(
            copy and copy.has_added_links for copy in trackable_copies
        ):
            return copies
        # Untracked copies of the same mail have attachments instead of file links, and
        # no objection link.
        untracked_copies = super(MailMail, untracked_mail)._prepare_outgoing_list(
            **arguments
        )
        return [
            copy if trackable_copy else untracked_copy
            for copy, untracked_copy, trackable_copy in zip(
                copies, untracked_copies, trackable_copies, strict=True
            )
        ]

    def _rewrite_body(self, rewrite, body):
        """Rewrite a body with a method of a tracked copy.

        :param rewrite: method of a `TrackableCopy` that takes HTML and returns HTML
        :param body: a `str` or a `Markup`
        :return: the rewritten body, of the same type
        :raise NotRewrittenError: on any error
        """
        try:
            return type(body)(rewrite(str(body)))
        except Exception as error:
            raise NotRewrittenError from error
