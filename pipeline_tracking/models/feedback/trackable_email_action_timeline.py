"""Render actions as lines of the timeline (extends trackable.email.action)."""

from odoo import models

from ...tools import classify


class TrackableEmailAction(models.Model):
    _inherit = "trackable.email.action"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_timeline_line(self, has_details, has_recipient):
        """Return one line of the timeline.

        An override adds or changes keys of the dictionary of super. The web client's
        template `pipeline_tracking.TrackingTimeline` shows them.

        :param bool has_details: show the reason for the actor, the device and the
            place, because the user may see the trackable email
        :param bool has_recipient: name the recipient, because the message has several
        :rtype: dict
        """
        self.ensure_one()
        details = []
        if has_details:
            # The reason "direct" explains nothing.
            why = self.why if self.reason != "direct" else False
            details = [why, self.device, self.place]
        return {
            "id": self.id,
            "occurred_at": self.occurred_at,
            "kind": self.kind,
            "actor": self.actor,
            "recipient": has_recipient and self._get_recipient_name(),
            "text": self._get_timeline_text(),
            "details": " · ".join(filter(None, details)),
        }

    # ------------------------------------------------------------
    # Do not override: the words of a line
    # ------------------------------------------------------------

    def _get_recipient_name(self):
        email = self.trackable_email_id
        return email.partner_id.exists().name or email.email_to

    def _get_timeline_text(self):
        """Return the action, and its actor unless this is the recipient."""
        self.ensure_one()
        action_text = self._get_action_text()
        if self.actor == classify.INTERNAL:
            colleague = self.user_id.name or self.env._("a colleague")
            return self.env._(
                "%(what)s (by %(colleague)s)", what=action_text, colleague=colleague
            )
        if self.actor == classify.UNKNOWN:
            if self.kind == classify.OPEN:
                return self.env._("May have been opened")
            return self.env._(
                "%(what)s (possibly not by the recipient)", what=action_text
            )
        return action_text

    def _get_action_text(self):
        if self.kind == classify.OPEN:
            return self.env._("Opened")
        label = self.trackable_link_id.label or ""
        if self.kind == classify.DOWNLOAD:
            return self.env._("Downloaded %s", label or self.env._("a file"))
        return self.env._("Clicked %s", label or self.env._("a link"))
