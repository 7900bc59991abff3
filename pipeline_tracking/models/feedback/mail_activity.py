"""Mark activities that follow up on a trackable email (extends mail.activity)."""

from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    # However the activity is edited later, it stays known for a follow-up.
    trackable_email_id = fields.Many2one(
        "trackable.email",
        "Tracked Email",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,  # its name is the subject
    )
