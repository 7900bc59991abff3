"""Record actions, and fold the actions of a flood (extends trackable.email.action)."""

from collections import Counter

from odoo import api, models

from ...tools import actors, flood
from ...tools.repeats import merge_download_parts
from ..trackable_client import CLIENT_VALUES

# Fields that identical actions share, for the limits on floods. The IP address is not
# included: by default, companies do not store it.
_RECORDS = ("trackable_email_id", "trackable_link_id", "user_id")
KIND_OF_REQUEST = (*_RECORDS, "kind", "actor")
IDENTITY = (*KIND_OF_REQUEST, "reason", "user_agent")
# Fields that requests for files share if the same client made them.
CLIENT = (*_RECORDS, "actor", "user_agent")


class TrackableEmailAction(models.Model):
    _inherit = "trackable.email.action"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _prepare_flood_request(self, values):
        """Return the values of an action that the limits on floods compare.

        An override returns the `flood.Request` of `super` with a longer `identity` or
        `kind_of_request`, and adds the fields to `_read_flood_values`.

        :param dict values: values for `create`, or from `_read_flood_values`
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

    def _read_flood_values(self):
        """Read the values that `_prepare_flood_request` takes.

        An override adds further fields to each dict of `super`.

        :return: a dict for each action, in the order of these actions
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

    # ------------------------------------------------------------
    # Do not override: how actions are created
    # ------------------------------------------------------------

    def _create_folded(self, values_list):
        """Create actions. In a flood, create only some of them, and add the other
        requests to the `hit_count` of a created or an earlier action. Create one action
        for a download in parts.

        Call this on the earlier actions on the same trackable emails that are near in
        time.

        :param list[dict] values_list: values of the actions to create; `CLIENT_VALUES`
            of an action are stored as its client
        :return: the new actions
        :rtype: TrackableEmailAction
        """
        values_list = self._merge_download_parts(values_list)
        known = [
            self._prepare_flood_request(values) for values in self._read_flood_values()
        ]
        new = [self._prepare_flood_request(values) for values in values_list]
        counted_with = flood.fold(known, new)
        counts = Counter(counted_with)
        created_values = [
            {**values, "hit_count": counts[position]}
            for position, values in enumerate(values_list, len(self))
            if position in counts
        ]
        clients = [values.pop(CLIENT_VALUES, None) for values in created_values]
        created = self.create(created_values)
        self.env["trackable.client"]._store(zip(created, clients, strict=True))
        for position, action in enumerate(self):
            if position in counts:
                action.hit_count += counts[position]
        return created

    def _merge_download_parts(self, values_list):
        """Leave out requests that belong to the same download as an earlier action or
        as another of these requests: see `merge_download_parts`.

        :param list[dict] values_list: values of the actions to create
        :return: the values of the remaining actions
        :rtype: list[dict]
        """
        download_indexes = [
            index
            for index, values in enumerate(values_list)
            if values["kind"] == actors.DOWNLOAD
        ]
        if not download_indexes:
            return values_list
        downloads = self.filtered(lambda action: action.kind == actors.DOWNLOAD)

        def get_client(values):
            return tuple(values.get(name) or False for name in CLIENT)

        known = [
            (get_client(values), action.occurred_at, action.is_part)
            for action, values in zip(
                downloads, downloads._read_flood_values(), strict=True
            )
        ]
        new = [
            (get_client(values), values["occurred_at"], bool(values.get("is_part")))
            for values in (values_list[index] for index in download_indexes)
        ]
        merged_indexes, whole_ids = set(), []
        merged_into = merge_download_parts(known, new)
        for position, (index, target) in enumerate(
            zip(download_indexes, merged_into, strict=True), len(known)
        ):
            if target == position:
                continue
            merged_indexes.add(index)
            if values_list[index].get("is_part"):
                continue
            # A request for the whole file turns a partial download into a whole one.
            if target < len(known):
                whole_ids.append(downloads[target].id)
            else:
                values_list[download_indexes[target - len(known)]]["is_part"] = False
        self.browse(whole_ids).write({"is_part": False})
        return [
            values
            for index, values in enumerate(values_list)
            if index not in merged_indexes
        ]
