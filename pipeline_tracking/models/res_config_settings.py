from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    attach_tracked_files = fields.Boolean(
        related="company_id.attach_tracked_files", readonly=False
    )
    track_address_links = fields.Boolean(
        related="company_id.track_address_links", readonly=False
    )
    count_possible_opens = fields.Boolean(
        related="company_id.count_possible_opens", readonly=False
    )
    tracking_hold_seconds = fields.Integer(
        related="company_id.tracking_hold_seconds", readonly=False
    )
    tracking_repeat_seconds = fields.Integer(
        related="company_id.tracking_repeat_seconds", readonly=False
    )
    tracking_early_seconds = fields.Integer(
        related="company_id.tracking_early_seconds", readonly=False
    )
    tracking_own_networks = fields.Text(
        related="company_id.tracking_own_networks", readonly=False
    )
