"""Remember whether the user hides chatter entries (extends res.users.settings).

Odoo sends these settings to all web clients of the user, also when they change.
"""

from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    hide_tracking_entries = fields.Boolean(
        "Hide trackable email actions in chatters",
        help="Set by the button with an eye above the chatter.",
    )
