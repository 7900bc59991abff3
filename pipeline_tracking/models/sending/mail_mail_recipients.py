from odoo import models
from odoo.tools.mail import email_normalize_all


class MailMail(models.Model):
    """Find the copies to track: who gets which copy, and which copies go to one
    recipient outside the company (extends mail.mail).
    """

    _inherit = "mail.mail"

    def _is_trackable(self):
        """Tell whether this email is waiting, and tracking was asked for.

        :rtype: bool
        """
        return self.state == "outgoing" and self.is_tracked

    def _get_copies_to_track(self):
        """The copies for recipients outside the company, each for one, of those that
        are tracked; what the others are refused for is kept on their messages.

        :rtype: list[tuple[MailMail, res.partner, str]]
        """
        copies_by_mail = {mail: mail._get_copy_recipients() for mail in self}
        recipients = {
            message: (
                mails.recipient_ids,
                [address for mail in mails for address in mail._get_plain_addresses()],
            )
            for message, mails in self.grouped("mail_message_id").items()
        }
        settled = self.mail_message_id._decide_tracking(recipients)
        external_copies, shared = [], self.env["mail.message"]
        for mail, copies in copies_by_mail.items():
            to_track = settled.get(mail.mail_message_id, set())
            for partner, addresses in copies:
                if addresses & to_track and mail._is_for_one_recipient(
                    partner, addresses
                ):
                    external_copies.append((mail, partner, *addresses))
                elif addresses & to_track:
                    shared |= mail.mail_message_id
        tracked = shared.browse().union(
            *(copy[0].mail_message_id for copy in external_copies)
        )
        (shared - tracked).write(
            {"is_tracked": False, "untracked_reason": "several_recipients"}
        )
        return external_copies

    def _is_for_one_recipient(self, partner, addresses):
        """Whether a copy goes to one person and to no other: a colleague can get the
        very same one, and who gets it as Cc gets that of others.

        :param res.partner partner: or none, for the copy to plain addresses
        :param set[str] addresses: normalised
        """
        self.ensure_one()
        return len(addresses) == 1 and (bool(partner) or not self.email_cc)

    def _get_copy_recipients(self):
        """Who gets which copy, as `_prepare_outgoing_list` makes them.

        :return: partner, or none for the copy to plain addresses; and the addresses,
            normalised
        :rtype: list[tuple[res.partner, set[str]]]
        """
        self.ensure_one()
        copies = [
            (partner, set(email_normalize_all(partner.email or "")))
            for partner in self.recipient_ids
        ]
        plain = self._get_plain_addresses()
        return [(self.env["res.partner"], set(plain)), *copies] if plain else copies

    def _get_plain_addresses(self):
        return email_normalize_all(self.email_to or "") + email_normalize_all(
            self.email_cc or ""
        )
