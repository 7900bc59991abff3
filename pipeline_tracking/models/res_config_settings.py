from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    attach_tracked_files = fields.Boolean(
        related="company_id.attach_tracked_files", readonly=False
    )
    track_address_links = fields.Boolean(
        related="company_id.track_address_links", readonly=False
    )
