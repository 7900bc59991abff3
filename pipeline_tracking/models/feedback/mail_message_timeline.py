from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.mail import email_normalize

from ...tools import classify

TIMELINE_LIMIT = 30  # lines of the popover: the form of the email has them all


class MailMessage(models.Model):
    """Show what recipients did in the timeline behind a message's badge (extends
    mail.message).
    """

    _inherit = "mail.message"

    @api.readonly
    def get_tracking_timeline(self):
        """What happened to a message's tracked email, newest first: what the popover
        of the badge shows.

        :return: ``lines`` (when, what, who it was, and details where the user may see
            the trackable email), ``machine_count`` (what machines did), ``has_totals``
            (of what was before, only the numbers were kept), ``email_ids`` (the
            trackable emails that he may see), and ``limits`` (what else it may have
            been)
        :rtype: dict
        :raise AccessError: for who may not read the message, and for customers
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only colleagues see what is tracked."))
        of_message = [("mail_message_id", "=", self.id)]
        own = self.env["trackable.email"].search(of_message)
        # sudo: trackable.email, trackable.email.action - as of the badge
        emails = self.env["trackable.email"].sudo().search(of_message)
        Action = self.env["trackable.email.action"].sudo()
        domain = [("trackable_email_id", "in", emails.ids)]
        actions = Action.search(
            [
                *domain,
                ("actor", "!=", classify.MACHINE),
                ("is_repeat", "=", False),
            ],
            limit=TIMELINE_LIMIT,
        )
        # sudo: trackable.action.total - whether there are some
        Cleared = self.env["trackable.action.total"].sudo()
        return {
            "email_ids": own.ids,
            "has_totals": bool(Cleared.search_count(domain, limit=1)),
            "limits": self._get_known_limits(actions),
            "lines": [
                action._prepare_timeline_line(
                    is_own=action.trackable_email_id in own, is_named=len(emails) > 1
                )
                for action in actions
            ],
            "machine_count": Action.search_count(
                [*domain, ("actor", "=", classify.MACHINE)]
            ),
        }

    def _get_known_limits(self, actions):
        """What may look like the recipient, and be somebody else, told where it can be.

        :param trackable.email.action actions: that are shown
        :rtype: list[str]
        """
        limits = []
        opens = actions.filtered(
            lambda one: one.actor == classify.RECIPIENT and one.kind == classify.OPEN
        )
        if set(opens.mapped("reason")) & classify.PROXIED:
            limits.append(
                self.env._(
                    "Opened by way of a mail provider. If you have a copy in a mailbox"
                    " there, your own reading looks the same."
                )
            )
        if opens and not self._is_answered_in_odoo():
            limits.append(
                self.env._(
                    "Replies go to %s, outside Odoo. Reading there what quotes this"
                    " email can look like the customer's reading it.",
                    self.reply_to,
                )
            )
        return limits

    def _is_answered_in_odoo(self):
        """Whether replies come back to Odoo, which cleans what they quote.

        :rtype: bool
        """
        address = email_normalize(self.reply_to or "")
        if not address:
            return True
        # sudo: mail.alias, mail.alias.domain - as anybody who gets an email sees them
        domains = self.env["mail.alias.domain"].sudo()
        name = address.rpartition("@")[2]
        if address in domains.search([("name", "=", name)]).mapped("catchall_email"):
            return True
        own = [("alias_full_name", "=", address)]
        return bool(self.env["mail.alias"].sudo().search_count(own, limit=1))
