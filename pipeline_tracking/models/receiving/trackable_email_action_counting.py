"""Decide which actions count, and correct earlier actions (extends
trackable.email.action).

An action counts if the recipient made it and it is not a repeat. Later requests can
reveal a scan or a repeat.
"""

from collections import defaultdict
from datetime import datetime
from itertools import chain

from odoo import api, models

from ...tools import actors
from ...tools.email_requests import Verdict
from ...tools.repeats import PART_WINDOW, find_repeats


class TrackableEmailAction(models.Model):
    _inherit = "trackable.email.action"

    @api.depends("actor", "is_repeat")
    def _compute_is_counted(self):
        for action in self:
            action.is_counted = (
                action.actor == actors.RECIPIENT and not action.is_repeat
            )

    def _correct(self, verdicts):
        """Write the verdicts of actions that other requests have changed.

        :param dict verdicts: action -> `email_requests.Verdict`; actions without
            a verdict do not change
        :return: the actions that changed
        :rtype: TrackableEmailAction
        """
        corrected_ids = defaultdict(list)  # recordsets are copied when they grow
        for action in self:
            verdict = verdicts.get(action)
            if verdict and verdict != action._get_verdict():
                is_new_actor = verdict.actor != action.actor
                corrected_ids[verdict, is_new_actor].append(action.id)
        for (verdict, is_new_actor), ids in corrected_ids.items():
            values = {**verdict._asdict(), "signs": ",".join(verdict.signs)}
            if is_new_actor:
                values["is_repeat"] = False  # `_mark_repeats` decides again
            self.browse(ids).write(values)
        return self.browse(chain.from_iterable(corrected_ids.values()))

    def _get_verdict(self):
        """Return the stored verdict of this action.

        :rtype: Verdict
        """
        self.ensure_one()
        return Verdict(self.actor, self.reason, self.confidence, self._get_signs())

    def _get_signs(self):
        """Return the codes of this action's signs, from `tools.signs`.

        :rtype: tuple[str]
        """
        self.ensure_one()
        return tuple(self.signs.split(",")) if self.signs else ()

    def _mark_repeats(self, complete_since):
        """Set `is_repeat` on reloads of the previous open, and on further parts of the
        previous download. Actions of machines and colleagues never count, so this
        method does not mark them.

        :param dict complete_since: trackable email -> datetime; this recordset holds
            all actions of the email from then on
        :return: the actions that changed
        :rtype: TrackableEmailAction
        """
        changed_ids = {True: [], False: []}
        for email, actions_of_email in self.grouped("trackable_email_id").items():
            markable = actions_of_email.filtered(
                lambda action: action.actor in (actors.RECIPIENT, actors.UNKNOWN)
            ).sorted(lambda action: (action.occurred_at, action.id))
            for kind, window in (
                (actors.OPEN, email._get_repeat_window()),
                (actors.DOWNLOAD, PART_WINDOW),
            ):
                actions = markable.filtered(
                    lambda action, kind=kind: action.kind == kind
                )
                # Before this time, the action before a repeat may be missing here.
                since = complete_since.get(email, datetime.max - window) + window
                for action, is_repeat in actions._find_repeats(window):
                    is_decidable = is_repeat or action.occurred_at >= since
                    if is_decidable and action.is_repeat != is_repeat:
                        changed_ids[is_repeat].append(action.id)
        for is_repeat, ids in changed_ids.items():
            self.browse(ids).write({"is_repeat": is_repeat})
        return self.browse(chain.from_iterable(changed_ids.values()))

    def _find_repeats(self, window):
        """Find the actions that repeat the previous action. A download of a whole file
        is never a repeat.

        Call this on actions of one trackable email and one kind, oldest first.

        :param timedelta window: the longest time from an action to its repeat
        :return: each action, and whether it is a repeat
        :rtype: list[tuple[TrackableEmailAction, bool]]
        """
        repeats = find_repeats(
            [
                (
                    action.occurred_at,
                    (action.actor, action.user_agent, action.trackable_link_id.id),
                )
                for action in self
            ],
            window,
        )
        return [
            (action, is_repeat and (action.kind == actors.OPEN or action.is_part))
            for action, is_repeat in zip(self, repeats, strict=True)
        ]
