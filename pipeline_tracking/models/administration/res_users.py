"""Warn administrators in the web client when hits wait too long (extends res.users)."""

from odoo import api, models


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
        return result
