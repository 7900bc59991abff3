import re
from collections import defaultdict

from odoo import api, models

from .chatter_channel import SUBCHANNEL

PREFIX = "pipeline_tracking/"
# The channel that the web client subscribes to while the chatter of a record with
# tracked emails is open. A client can send anything: each part has a bound.
RECORD_CHANNEL = re.compile(
    rf"{PREFIX}(?P<model>[a-z0-9_.]{{1,128}})/(?P<id>[1-9][0-9]{{0,9}})"
)
MAX_ID = 2**31 - 1  # a PostgreSQL integer
# How many records one client can listen to; all tabs of a browser are one client.
MAX_RECORDS = 200


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        ours = [channel for channel in channels if _is_ours(channel)]
        kept = [channel for channel in channels if not _is_ours(channel)]
        asked = list(filter(None, map(RECORD_CHANNEL.fullmatch, dict.fromkeys(ours))))
        records = self._get_readable_records(asked[-MAX_RECORDS:])
        return super()._build_bus_channel_list(
            [*kept, *((record, SUBCHANNEL) for record in records)]
        )

    @api.model
    def _get_readable_records(self, asked):
        """The records whose chatters a colleague may have open.

        :param list[re.Match] asked: of `RECORD_CHANNEL`
        :return: records of any model, one by one
        :rtype: list
        """
        if not asked or not self.env.user._is_internal():
            return []
        ids_by_model = defaultdict(set)
        for match in asked:
            if int(match["id"]) <= MAX_ID:
                ids_by_model[match["model"]].add(int(match["id"]))
        readable = []
        for model, ids in ids_by_model.items():
            records = self.env.get(model)
            if isinstance(records, self.pool["mail.thread"]) and not records._abstract:
                records = records.browse(sorted(ids)).exists()
                readable += records._filtered_access("read")
        return readable


def _is_ours(channel):
    return isinstance(channel, str) and channel.startswith(PREFIX)  # others: records
