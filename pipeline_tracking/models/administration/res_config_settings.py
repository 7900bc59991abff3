"""Show the health of the queue in the settings, and run the self-test (extends
res.config.settings).
"""

from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    tracking_late_warning = fields.Char(compute="_compute_tracking_late_warning")

    @api.depends("company_id")
    def _compute_tracking_late_warning(self):
        self.tracking_late_warning = self.env["trackable.hit"]._get_late_warning()

    def action_check_tracking(self):
        """Run the self-test.

        :rtype: dict
        """
        return self.env["trackable.self.test"].action_check()
