"""Let colleagues subscribe to the chatters of records that they may read (extends
ir.websocket).
"""

import re
from collections import defaultdict
from itertools import filterfalse

from odoo import api, models

from .chatter_channel import SUBCHANNEL

PREFIX = "pipeline_tracking/"
# The web client subscribes to this channel while the chatter of a record with tracked
# emails is open. Each part has a maximum length, because a client can send any string.
RECORD_CHANNEL = re.compile(
    rf"{PREFIX}(?P<model>[a-z0-9_.]{{1,128}})/(?P<id>[1-9][0-9]{{0,9}})"
)
MAX_ID = 2**31 - 1  # a PostgreSQL integer
# Maximum number of records of one client. All tabs of a browser are one client.
MAX_RECORDS = 200


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        chatter_channels = list(filter(_is_chatter_channel, channels))
        other_channels = list(filterfalse(_is_chatter_channel, channels))
        unique_channels = dict.fromkeys(chatter_channels)
        matches = list(filter(None, map(RECORD_CHANNEL.fullmatch, unique_channels)))
        records = self._get_readable_records(matches[-MAX_RECORDS:])
        return super()._build_bus_channel_list(
            [*other_channels, *((record, SUBCHANNEL) for record in records)]
        )

    @api.model
    def _get_readable_records(self, matches):
        """Return the records that the user may read. Only internal users may subscribe.

        :param list[re.Match] matches: channels that `RECORD_CHANNEL` matches
        :return: single records, of any models
        :rtype: list
        """
        if not matches or not self.env.user._is_internal():
            return []
        ids_by_model = defaultdict(set)
        for match in matches:
            if int(match["id"]) <= MAX_ID:
                ids_by_model[match["model"]].add(int(match["id"]))
        readable_records = []
        for model, ids in ids_by_model.items():
            records = self.env.get(model)
            if isinstance(records, self.pool["mail.thread"]) and not records._abstract:
                records = records.browse(sorted(ids)).exists()
                readable_records += records._filtered_access("read")
        return readable_records


def _is_chatter_channel(channel):
    # Odoo's channels can be records.
    return isinstance(channel, str) and channel.startswith(PREFIX)
