"""Render recipients and their replies in the timeline (extends trackable.email)."""

from odoo import models

from ...tools import actors

REPLY = "reply"  # the kind of a line, in addition to the kinds of actions


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_timeline_reply(self, recipient_name):
        """Return the line of the recipient's first reply.

        An override adds or changes keys of the dictionary of super.

        :param str recipient_name:
        :return: as `trackable.email.action._prepare_timeline_line` returns it
        :rtype: dict
        """
        self.ensure_one()
        return {
            "id": f"reply-{self.id}",
            "kind": REPLY,
            "actor": actors.RECIPIENT,
            "who": recipient_name,
            "text": self.env._("replied"),
            "certainty": "",
            "occurred_at": self.reply_date,
            "details": "",
        }

    # ------------------------------------------------------------
    # Do not override: names
    # ------------------------------------------------------------

    def _get_recipient_names(self):
        """Return the names of the recipients, also of anonymized recipients.

        :rtype: dict[TrackableEmail, str]
        """
        return {
            email: email.recipient_name or self.env._("Anonymized recipient")
            for email in self
        }
