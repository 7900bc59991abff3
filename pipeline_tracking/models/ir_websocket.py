import re
from collections import defaultdict

from odoo import api, models

from .trackable_live_mixin import SUBCHANNEL

# What the web client asks for while a record's chatter is open.
RECORD_CHANNEL = re.compile(r"pipeline_tracking/(?P<model>[a-z0-9_.]+)/(?P<id>[0-9]+)")
MAX_ID = 2**31 - 1


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        asked = [
            match
            for match in map(RECORD_CHANNEL.fullmatch, filter(_is_text, channels))
            if match
        ]
        names = {match.string for match in asked}
        kept = [channel for channel in channels if channel not in names]
        records = self._get_readable_records(asked)
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


def _is_text(channel):
    return isinstance(channel, str)  # others are records
