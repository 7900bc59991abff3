from collections import Counter, defaultdict
from datetime import datetime
from itertools import chain

from odoo import api, models

from ...tools import classify, flood
from ...tools.repeats import PART_WINDOW, find_repeats, merge_parts

# Fields by which actions are the same, for the bounds on floods. The IP address is not
# one of them: usually none is stored.
_RECORDS = ("trackable_email_id", "trackable_link_id", "user_id")
KIND_OF_REQUEST = (*_RECORDS, "kind", "actor")
IDENTITY = (*KIND_OF_REQUEST, "reason", "user_agent")
# Fields by which requests for a file are of one client.
CLIENT = (*_RECORDS, "actor", "user_agent")


class TrackableEmailAction(models.Model):
    """Record actions, and correct earlier ones (extends trackable.email.action)."""

    _inherit = "trackable.email.action"

    def _create_folded(self, values_list):
        """Create the actions with these values. In a flood, only some are created: the
        other requests are counted with an action of these, or with a new one. A
        download in parts is one action.

        :param list[dict] values_list: of actions on the same trackable emails as these
            actions, which are the ones nearby in time
        :return: the new ones
        :rtype: TrackableEmailAction
        """
        values_list = self._merge_parts(values_list)
        known = [self._prepare_request(values) for values in self._read_requests()]
        new = [self._prepare_request(values) for values in values_list]
        counted_with = flood.fold(known, new)
        counts = Counter(counted_with)
        created = self.create(
            [
                {**values, "hit_count": counts[position]}
                for position, values in enumerate(values_list, len(self))
                if position in counts
            ]
        )
        for position, action in enumerate(self):
            if position in counts:
                action.hit_count += counts[position]
        return created

    def _merge_parts(self, values_list):
        """Leave out the requests that belong to downloads which are recorded already,
        or which others of these requests record: see `merge_parts`.

        :param list[dict] values_list: as of `_create_folded`
        :return: those that are left
        :rtype: list[dict]
        """
        numbers = [
            number
            for number, values in enumerate(values_list)
            if values["kind"] == classify.DOWNLOAD
        ]
        if not numbers:
            return values_list
        downloads = self.filtered(lambda action: action.kind == classify.DOWNLOAD)

        def identify(values):
            return tuple(values.get(name) or False for name in CLIENT)

        known = [
            (identify(values), action.occurred_at, action.is_part)
            for action, values in zip(
                downloads, downloads._read_requests(), strict=True
            )
        ]
        new = [
            (identify(values), values["occurred_at"], bool(values.get("is_part")))
            for values in (values_list[number] for number in numbers)
        ]
        merged, whole_ids = set(), []
        positions = merge_parts(known, new)
        for place, (number, position) in enumerate(
            zip(numbers, positions, strict=True), len(known)
        ):
            if position == place:
                continue
            merged.add(number)
            if values_list[number].get("is_part"):
                continue
            if position < len(known):
                whole_ids.append(downloads[position].id)
            else:
                values_list[numbers[position - len(known)]]["is_part"] = False
        self.browse(whole_ids).write({"is_part": False})
        return [
            values for number, values in enumerate(values_list) if number not in merged
        ]

    @api.model
    def _prepare_request(self, values):
        """Describe an action for the bounds on floods. To be extended.

        :param dict values: as `create` takes them
        :rtype: flood.Request
        """
        return flood.Request(
            values["trackable_email_id"],
            *(
                tuple(values.get(name) or False for name in names)
                for names in (IDENTITY, KIND_OF_REQUEST)
            ),
            values["occurred_at"],
        )

    def _read_requests(self):
        """Read the values that `_prepare_request` takes.

        :return: in the order of these actions
        :rtype: list[dict]
        """
        return [
            {
                **{
                    name: action[name].id if name in _RECORDS else action[name]
                    for name in IDENTITY
                },
                "occurred_at": action.occurred_at,
            }
            for action in self
        ]

    def _reclassify(self, bursts):
        """Correct what was judged before a burst showed itself.

        :param dict bursts: trackable email -> list of `Burst`
        :return: those that were corrected
        :rtype: TrackableEmailAction
        """
        corrected = defaultdict(list)  # ids: adding to records copies them each time
        for action in self:
            before = classify.Classification(action.actor, action.reason)
            classification = classify.reclassify(
                before,
                action.kind,
                action.occurred_at,
                bursts[action.trackable_email_id],
            )
            if classification != before:
                corrected[classification].append(action.id)
        for classification, ids in corrected.items():
            self.browse(ids).write({**classification._asdict(), "is_repeat": False})
        return self.browse(chain.from_iterable(corrected.values()))

    def _mark_repeats(self, complete_since):
        """Set `is_repeat` on reloads of the previous open, and on further parts of the
        previous download. Actions of machines and colleagues count nowhere, and need
        no mark.

        :param dict complete_since: trackable email -> datetime from which on all of its
            actions are among these
        :return: those whose mark has changed
        :rtype: TrackableEmailAction
        """
        changed = {True: [], False: []}
        for email, own in self.grouped("trackable_email_id").items():
            markable = own.filtered(
                lambda action: action.actor in (classify.RECIPIENT, classify.UNKNOWN)
            ).sorted(lambda action: (action.occurred_at, action.id))
            for kind, window in (
                (classify.OPEN, email._get_repeat_window()),
                (classify.DOWNLOAD, PART_WINDOW),
            ):
                actions = markable.filtered(
                    lambda action, kind=kind: action.kind == kind
                )
                # An earlier action can be a repeat of one that is not among these.
                since = complete_since.get(email, datetime.max - window) + window
                for action, is_repeat in actions._find_repeats(window):
                    is_known = is_repeat or action.occurred_at >= since
                    if is_known and action.is_repeat != is_repeat:
                        changed[is_repeat].append(action.id)
        for is_repeat, ids in changed.items():
            self.browse(ids).write({"is_repeat": is_repeat})
        return self.browse(chain.from_iterable(changed.values()))

    def _find_repeats(self, window):
        """Tell which of these actions, of one email and kind, repeat the one before. A
        download of a whole file repeats none.

        :param timedelta window: to the one before
        :return: for each action, whether it is one
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
