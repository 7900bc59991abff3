"""List the actions on a message in the timeline of its badge (extends mail.message)."""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.mail import email_normalize

from ...tools import actors, classify

TIMELINE_LIMIT = 30  # lines; the form of the tracked email has all actions


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.readonly
    def get_tracking_timeline(self):
        """Return the timeline of a message for the popover of its badge.

        :return:
            - ``lines``: newest first; see `_prepare_timeline_line`
            - ``recipients``: the state of each recipient, if the message has several
              recipients or no lines; see `_prepare_timeline_recipients`
            - ``machine_count``: number of automated requests
            - ``has_totals``: whether older actions were deleted
            - ``email_ids``: the trackable emails that the user may see
            - ``limits``: sentences about opens that may be by another person
        :rtype: dict
        :raise AccessError: the user may not read the message, or is a customer
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only internal users can see email tracking."))
        message_domain = [("mail_message_id", "=", self.id)]
        readable_emails = self.env["trackable.email"].search(message_domain)
        # sudo: trackable.email, trackable.email.action - readers of a message may see
        # what its recipients did
        emails = self.env["trackable.email"].sudo()
        emails = emails.search(message_domain, order="id")
        Action = self.env["trackable.email.action"].sudo()
        domain = [("trackable_email_id", "in", emails.ids)]
        actions = Action.search(
            [
                *domain,
                ("actor", "!=", actors.MACHINE),
                ("is_repeat", "=", False),
            ],
            limit=TIMELINE_LIMIT,
        )
        # sudo: trackable.action.total - the user sees only whether totals exist
        Total = self.env["trackable.action.total"].sudo()
        names = emails._get_recipient_names()
        lines = [
            action._prepare_timeline_line(
                names[action.trackable_email_id],
                has_details=action.trackable_email_id in readable_emails,
            )
            for action in actions
        ]
        lines += [
            email._prepare_timeline_reply(names[email])
            for email in emails.filtered("reply_date")
        ]
        # Above the open that it implies: an inferred open has the same time.
        lines.sort(
            key=lambda line: (line["occurred_at"], line["kind"] != actors.OPEN),
            reverse=True,
        )
        recipients = self._prepare_timeline_recipients(emails, names)
        return {
            "email_ids": readable_emails.ids,
            "has_totals": bool(Total.search_count(domain, limit=1)),
            "limits": self._get_timeline_limits(actions),
            "lines": lines[:TIMELINE_LIMIT],
            "machine_count": Action.search_count(
                [*domain, ("actor", "=", actors.MACHINE)]
            ),
            "recipients": recipients if len(recipients) > 1 or not lines else [],
        }

    def _get_timeline_limits(self, actions):
        """Return why some of the recipient's opens may be by another person.

        :param trackable.email.action actions: the actions in the timeline
        :return: sentences for the user
        :rtype: list[str]
        """
        limits = []
        opens = actions.filtered(
            lambda action: (
                action.actor == actors.RECIPIENT and action.kind == actors.OPEN
            )
        )
        if set(opens.mapped("reason")) & classify.PROXIED:
            limits.append(
                self.env._(
                    "The email provider's server loaded the image. If you read a copy"
                    " of this email in a mailbox of the same provider, it may be"
                    " counted as an open by the customer."
                )
            )
        if opens and not self._has_reply_address_of_odoo():
            limits.append(
                self.env._(
                    "Replies go to %s, outside Odoo. If you read a reply there that"
                    " quotes this email, it may be counted as an open by the"
                    " customer.",
                    self.reply_to,
                )
            )
        return limits

    def _has_reply_address_of_odoo(self):
        """Return whether replies go to Odoo, which removes tracking from quoted text.

        :rtype: bool
        """
        address = email_normalize(self.reply_to or "")
        if not address:
            return True
        # sudo: mail.alias, mail.alias.domain - recipients see the reply address anyway
        domains = self.env["mail.alias.domain"].sudo()
        name = address.rpartition("@")[2]
        if address in domains.search([("name", "=", name)]).mapped("catchall_email"):
            return True
        alias_domain = [("alias_full_name", "=", address)]
        return bool(self.env["mail.alias"].sudo().search_count(alias_domain, limit=1))
