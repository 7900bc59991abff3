"""Clean incoming emails, and record replies (extends mail.thread)."""

from odoo import models
from odoo.tools.mail import email_normalize

from ...tools import attached_email, auto_reply, line_folding


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_parse_extract_payload_postprocess(self, message, payload_dict):
        # Clean a reply, forward or bounce before Odoo stores it.
        payload = super()._message_parse_extract_payload_postprocess(
            message, payload_dict
        )
        Link = self.env["trackable.link"]
        text = attached_email.Text(
            payload["body"], True, line_folding.read_folding(message)
        )
        [body] = Link._restore_texts([text])
        attachments = Link._restore_attachments(payload["attachments"])
        return {**payload, "body": body, "attachments": attachments}

    def _message_route_process(self, message, message_dict, routes):
        # An automatic reply does not prove that a person opened the email.
        if auto_reply.is_automatic(message):
            self = self.with_context(trackable_ignore_reply=True)
        return super()._message_route_process(message, message_dict, routes)

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        is_reply = msg_values.get("message_type") == "email"
        if is_reply and not self.env.context.get("trackable_ignore_reply"):
            email_from = email_normalize(message.email_from or "")
            if email_from:
                # sudo: trackable.hit - no user has write access
                self.env["trackable.hit"].sudo()._record_reply(message, email_from)
        return result
