"""Find the copies with a single recipient outside the company (extends mail.mail)."""

from odoo import models
from odoo.tools.mail import email_normalize_all


class MailMail(models.Model):
    _inherit = "mail.mail"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _is_trackable(self):
        """Return whether this mail is waiting to be sent with tracking turned on.

        :rtype: bool
        """
        return self.state == "outgoing" and self.is_tracked

    def _get_copies_to_track(self):
        """Return the copies to track, each for one recipient outside the company. Store
        the reason on messages that cannot be tracked.

        :return: for each copy the mail, the recipient (an empty record for a plain
            address), and the normalized address of the recipient
        :rtype: list[tuple[MailMail, res.partner, str]]
        """
        recipients_by_mail = {mail: mail._get_copy_recipients() for mail in self}
        recipients = {
            message: (
                mails.recipient_ids,
                [", ".join(mail._get_plain_addresses()) for mail in mails],
            )
            for message, mails in self.grouped("mail_message_id").items()
        }
        addresses_to_track = self.mail_message_id._decide_tracking(recipients)
        copies_to_track = []
        messages_with_shared_copies = self.env["mail.message"]
        for mail, copies in recipients_by_mail.items():
            message = mail.mail_message_id
            for partner, addresses in copies:
                if not addresses & addresses_to_track.get(message, set()):
                    continue
                if mail._is_for_one_recipient(partner, addresses):
                    copies_to_track.append((mail, partner, *addresses))
                else:
                    messages_with_shared_copies |= message
        tracked_messages = self.env["mail.message"].union(
            *(mail.mail_message_id for mail, _partner, _address in copies_to_track)
        )
        (messages_with_shared_copies - tracked_messages).write(
            {"is_tracked": False, "untracked_reason": "shared_copy"}
        )
        return copies_to_track

    # ------------------------------------------------------------
    # Do not override: the recipients of each copy
    # ------------------------------------------------------------

    def _is_for_one_recipient(self, partner, addresses):
        """Return whether a copy goes to a single person. Everyone in To and Cc gets the
        same copy to plain addresses, colleagues included.

        :param res.partner partner: an empty record for the copy to plain addresses
        :param set[str] addresses: normalized addresses that this copy is sent to
        :rtype: bool
        """
        self.ensure_one()
        return len(addresses) == 1 and (bool(partner) or not self.email_cc)

    def _get_copy_recipients(self):
        """Return the recipients of each copy that `_prepare_outgoing_list` prepares.

        :return: for each copy the partner (an empty record for the copy to plain
            addresses), and the normalized addresses
        :rtype: list[tuple[res.partner, set[str]]]
        """
        self.ensure_one()
        copies = [
            (partner, set(email_normalize_all(partner.email or "")))
            for partner in self.recipient_ids
        ]
        plain_addresses = set(self._get_plain_addresses())
        if plain_addresses:
            copies.insert(0, (self.env["res.partner"], plain_addresses))
        return copies

    def _get_plain_addresses(self):
        """Return the normalized addresses in To and Cc of recipients without a partner.

        :rtype: list[str]
        """
        return email_normalize_all(self.email_to or "") + email_normalize_all(
            self.email_cc or ""
        )
