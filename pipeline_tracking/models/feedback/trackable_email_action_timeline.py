"""Render actions as lines of the timeline (extends trackable.email.action)."""

from odoo import models

from ...tools import actors, signs


class TrackableEmailAction(models.Model):
    _inherit = "trackable.email.action"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_timeline_line(self, recipient_name, has_details):
        """Return one line of the timeline.

        An override adds or changes keys of the dictionary of super. The web client's
        template `pipeline_tracking.TrackingTimeline` shows them.

        :param str recipient_name: the recipient of the email
        :param bool has_details: show the reason for the actor, the device and the
            place, because the user may see the trackable email
        :return:
            - ``id``: unique in the timeline
            - ``kind``, ``actor``: codes of `trackable.email.action`
            - ``who``: name of the person
            - ``text``: the action, with the link or file
            - ``certainty``: the actor, unless this is the recipient; "Uncertain" if it
              is not sure that the recipient made the action
            - ``occurred_at``: time in UTC
            - ``details``: reason, device and place
        :rtype: dict
        """
        self.ensure_one()
        details = []
        if has_details:
            # The reason "direct" explains nothing.
            why = self.why if self.reason != "direct" else False
            is_uncertain = self.confidence == signs.LOW
            signs_text = self.signs_text if is_uncertain else False
            details = [self.device, self.place, why, signs_text]
        return {
            "id": self.id,
            "kind": self.kind,
            "actor": self.actor,
            "who": self._get_timeline_person(recipient_name),
            "text": self._get_timeline_text(),
            "certainty": self._get_timeline_certainty(),
            "occurred_at": self.occurred_at,
            "details": " · ".join(filter(None, details)),
        }

    # ------------------------------------------------------------
    # Do not override: the words of a line
    # ------------------------------------------------------------

    def _get_timeline_person(self, recipient_name):
        if self.actor == actors.INTERNAL:
            return self.user_id.name or self.env._("A colleague")
        return recipient_name

    def _get_timeline_certainty(self):
        if self.actor != actors.RECIPIENT:
            name = "actor"
        elif self.confidence == signs.LOW:
            name = "confidence"
        else:
            return ""
        labels = self._fields[name]._description_selection(self.env)
        return dict(labels)[self[name]]

    def _get_timeline_text(self):
        if self.kind == actors.OPEN:
            return self.env._("opened")
        label = self.trackable_link_id.label
        name = label and self.env._("“%(name)s”", name=label)
        if self.kind == actors.DOWNLOAD:
            return self.env._(
                "downloaded %(files)s", files=name or self.env._("a file")
            )
        return self.env._("clicked %(links)s", links=name or self.env._("a link"))
