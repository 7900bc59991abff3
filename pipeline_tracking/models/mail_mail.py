import logging

from odoo import models

from ..tools import rewrite

_logger = logging.getLogger(__name__)


class TrackableBatch:
    """What `_send` knows of its batch's tracked copies; a copy's key is (mail id,
    partner id or False).

    An object, for it is told apart from another batch's by identity: Odoo reuses an
    environment with an equal context.
    """

    def __init__(self, copies):
        self.copies = copies
        self.handed_over = set()  # keys

    def get(self, mail, partner):
        return self.copies.get((mail.id, partner.id if partner else False))


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
        """Make the batch's trackable emails before any copy of it leaves."""
        copies = {}
        if not self.env["ir.mail_server"]._disable_send():
            copies = self._make_trackable_copies()
        batch = TrackableBatch(copies)
        mails = self.with_context(trackable_batch=batch) if copies else self
        try:
            return super(MailMail, mails)._send(
                auto_commit=auto_commit,
                raise_exception=raise_exception,
                smtp_session=smtp_session,
                alias_domain_id=alias_domain_id,
                mail_server=mail_server,
                post_send_callback=post_send_callback,
            )
        finally:
            self._mark_not_sent(
                copy.email_id
                for key, copy in copies.items()
                if copy.is_first and key not in batch.handed_over
            )

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

    def _personalize_outgoing_body(self, body, partner=False, doc_to_followers=None):
        # Here, before the plain-text part is made of it: its links are tracked too.
        body = super()._personalize_outgoing_body(
            body, partner=partner, doc_to_followers=doc_to_followers
        )
        batch = self.env.context.get("trackable_batch")
        copy = batch and batch.get(self, partner)
        if copy:
            body = self._rewrite(rewrite.rewrite_links, body, copy.targets)
        return body

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        # After the plain-text part was made: the image has no text.
        email_list = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        batch = self.env.context.get("trackable_batch")
        for email in email_list if batch else ():
            copy = batch.get(self, email["partner_id"])
            if copy:
                email["body"] = self._rewrite(
                    rewrite.add_image, email["body"], copy.image_url
                )
        return email_list

    def _rewrite(self, function, body, argument):
        """The body as rewritten; as it was, where that fails: the email leaves.

        :param function: of tools/rewrite
        :param str body: `Markup` or not; the result is the same
        """
        try:
            return type(body)(function(str(body), argument))
        except Exception:  # a mistake of ours, whatever it is
            _logger.exception("Email %s is not rewritten", self.id)
            return body
