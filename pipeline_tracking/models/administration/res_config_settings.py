"""Show the health of the queue in the settings, run the self-test, and open the first
steps (extends res.config.settings).
"""

from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    tracking_late_warning = fields.Char(compute="_compute_tracking_late_warning")

    tracking_check_result = fields.Char(compute="_compute_tracking_check_result")

    @api.depends("company_id")
    def _compute_tracking_check_result(self):
        self.tracking_check_result = self.env["trackable.setup"]._get_check_text()

    @api.depends("company_id")
    def _compute_tracking_late_warning(self):
        self.tracking_late_warning = self.env["trackable.hit"]._get_late_warning()

    def action_check_tracking(self):
        """Run the self-test.

        :rtype: dict
        """
        return self.env["trackable.self.test"].action_check()

    def action_open_first_steps(self):
        """Open the first steps.

        :rtype: dict
        :raise AccessError: the user may not use the settings
        """
        self.check_access("read")
        return self.env["ir.actions.actions"]._for_xml_id(
            "pipeline_tracking.trackable_setup_action"
        )
