"""Warn administrators in the web client when hits wait too long, and tell the web
client who sees the first steps (extends res.users).
"""

from odoo import api, models

from .trackable_setup import GROUPS


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _init_store_data(self, store):
        result = super()._init_store_data(store)
        if self.env.user.has_group("base.group_system"):
            # Only administrators cost this query.
            warning = self.env["trackable.hit"]._get_late_warning()
            if warning:
                store.add_global_values(trackingStallWarning=warning)
        if any(map(self.env.user.has_group, GROUPS)):
            store.add_global_values(showsTrackingSetup=True)
        return result
