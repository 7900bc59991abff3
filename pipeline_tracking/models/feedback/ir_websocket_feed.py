"""Let internal users subscribe to the news of their feed (extends ir.websocket)."""

from odoo import api, models

from .trackable_feed_channel import EVERYONES_FEED, OWN_FEED, SUBCHANNEL


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        # Odoo's channels can be records.
        names = {name for name in channels if isinstance(name, str)}
        feeds = names & {OWN_FEED, EVERYONES_FEED}
        records = self._get_feed_records(feeds) if feeds else []
        return super()._build_bus_channel_list(
            [
                *(name for name in channels if name not in feeds),
                *((record, SUBCHANNEL) for record in records),
            ]
        )

    @api.model
    def _get_feed_records(self, feeds):
        """Return the records whose news the user may receive.

        :param set[str] feeds: channels that the web client asks for
        :return: the user for their own feed, and their companies for everyone's feed
            if they are a manager
        :rtype: list
        """
        user = self.env.user
        if not user._is_internal() or not user.has_group(
            "pipeline_tracking.group_user"
        ):
            return []
        records = [user] if OWN_FEED in feeds else []
        if EVERYONES_FEED in feeds and user.has_group(
            "pipeline_tracking.group_manager"
        ):
            records += user.company_ids
        return records
