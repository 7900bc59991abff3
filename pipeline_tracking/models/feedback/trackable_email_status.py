"""Compute the status of an email: the recipient's strongest action (extends
trackable.email).
"""

from odoo import api, models


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    @api.depends(
        "is_stopped",
        "reply_date",
        "download_count",
        "click_count",
        "open_count",
        "unknown_open_count",
    )
    def _compute_status(self):
        for email in self:
            email.status = email._get_status()

    def _get_status(self):
        self.ensure_one()
        if self.reply_date:
            return "replied"
        if self.download_count:
            return "downloaded"
        if self.click_count:
            return "clicked"
        if self.open_count:
            return "opened"
        if self.unknown_open_count:
            return "maybe"
        return "stopped" if self.is_stopped else "unopened"
