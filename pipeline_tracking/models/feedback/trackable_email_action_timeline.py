from odoo import models

from ...tools import classify


class TrackableEmailAction(models.Model):
    """Render an action as a line of the timeline behind a message's badge (extends
    trackable.email.action).
    """

    _inherit = "trackable.email.action"

    def _prepare_timeline_line(self, is_own, is_named):
        """One line of the popover of a message's badge. To be extended.

        :param bool is_own: the user may see the trackable email, and so the details
        :param bool is_named: the message had several recipients
        :rtype: dict
        """
        self.ensure_one()
        details = []
        if is_own:
            # That nothing speaks against it goes without saying.
            why = self.why if self.reason != "direct" else False
            details = [why, self.device, self.place]
        return {
            "id": self.id,
            "occurred_at": self.occurred_at,
            "kind": self.kind,
            "actor": self.actor,
            "recipient": is_named and self._get_recipient_name(),
            "text": self._get_timeline_text(),
            "details": " · ".join(filter(None, details)),
        }

    def _get_recipient_name(self):
        email = self.trackable_email_id
        return email.partner_id.exists().name or email.email_to

    def _get_timeline_text(self):
        """What was done, and by whom where it was not the recipient."""
        self.ensure_one()
        what = self._get_action_text()
        if self.actor == classify.INTERNAL:
            who = self.user_id.name or self.env._("a colleague")
            return self.env._("%(what)s, by %(colleague)s", what=what, colleague=who)
        if self.actor == classify.UNKNOWN:
            if self.kind == classify.OPEN:
                return self.env._("May have been opened")
            return self.env._("%(what)s, unclear by whom", what=what)
        return what

    def _get_action_text(self):
        if self.kind == classify.OPEN:
            return self.env._("Opened")
        label = self.trackable_link_id.label or ""
        if self.kind == classify.DOWNLOAD:
            return self.env._("Downloaded %s", label or self.env._("a file"))
        return self.env._("Clicked %s", label or self.env._("a link"))
