"""Show the company's tracking settings (extends res.config.settings)."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    is_tracking_allowed = fields.Boolean(
        related="company_id.is_tracking_allowed", readonly=False
    )
    track_emails_by_default = fields.Boolean(
        related="company_id.track_emails_by_default", readonly=False
    )
    track_mailings = fields.Boolean(related="company_id.track_mailings", readonly=False)
    track_several_recipients = fields.Boolean(
        related="company_id.track_several_recipients", readonly=False
    )
    attach_tracked_files = fields.Boolean(
        related="company_id.attach_tracked_files", readonly=False
    )
    track_address_links = fields.Boolean(
        related="company_id.track_address_links", readonly=False
    )
    count_possible_opens = fields.Boolean(
        related="company_id.count_possible_opens", readonly=False
    )
    track_decoy_link = fields.Boolean(
        related="company_id.track_decoy_link", readonly=False
    )
    tracking_domain = fields.Char(related="company_id.tracking_domain", readonly=False)
    tracking_own_networks = fields.Text(
        related="company_id.tracking_own_networks", readonly=False
    )
    tracking_scanner_networks = fields.Text(
        related="company_id.tracking_scanner_networks", readonly=False
    )
    tracking_notice_confidence = fields.Selection(
        related="company_id.tracking_notice_confidence", readonly=False
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
    tracking_consent_mode = fields.Selection(
        related="company_id.tracking_consent_mode", readonly=False
    )
    tracking_objection_link = fields.Boolean(
        related="company_id.tracking_objection_link", readonly=False
    )
    honour_privacy_control = fields.Boolean(
        related="company_id.honour_privacy_control", readonly=False
    )
    tracking_keep_ip = fields.Selection(
        related="company_id.tracking_keep_ip", readonly=False
    )
    tracking_keep_user_agent = fields.Boolean(
        related="company_id.tracking_keep_user_agent", readonly=False
    )
    tracking_keep_place = fields.Boolean(
        related="company_id.tracking_keep_place", readonly=False
    )
    tracking_keep_months = fields.Integer(
        related="company_id.tracking_keep_months", readonly=False
    )
