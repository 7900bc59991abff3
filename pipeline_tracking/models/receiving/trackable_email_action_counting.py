"""Decide which actions count, and correct earlier actions (extends
trackable.email.action).

An action counts if the recipient made it and it is not a repeat. Later requests can
reveal a burst or a repeat.
"""

from collections import defaultdict
from datetime import datetime
from itertools import chain

from odoo import api, models

from ...tools import classify
from ...tools.repeats import PART_WINDOW, find_repeats


class TrackableEmailAction(models.Model):
    _inherit = "trackable.email.action"

    @api.depends("actor", "is_repeat")
    def _compute_is_counted(self):
        for action in self:
            action.is_counted = (
                action.actor == classify.RECIPIENT and not action.is_repeat
            )

    def _reclassify(self, bursts):
        """Classify actions again after the bursts of their emails are known.

        :param dict[TrackableEmail, list[Burst]] bursts:
        :return: the actions that changed
        :rtype: TrackableEmailAction
        """
        corrected_ids = defaultdict(list)  # recordsets are copied when they grow
        for action in self:
            earlier = classify.Classification(action.actor, action.reason)
            classification = classify.reclassify(
                earlier,
                action.kind,
                action.occurred_at,
                bursts[action.trackable_email_id],
            )
            if classification != earlier:
                corrected_ids[classification].append(action.id)
        for classification, ids in corrected_ids.items():
            self.browse(ids).write({**classification._asdict(), "is_repeat": False})
        return self.browse(chain.from_iterable(corrected_ids.values()))

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
                lambda action: action.actor in (classify.RECIPIENT, classify.UNKNOWN)
            ).sorted(lambda action: (action.occurred_at, action.id))
            for kind, window in (
                (classify.OPEN, email._get_repeat_window()),
                (classify.DOWNLOAD, PART_WINDOW),
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
            (action, is_repeat and (action.kind == classify.OPEN or action.is_part))
            for action, is_repeat in zip(self, repeats, strict=True)
        ]
