"""Mark activities that follow up on a trackable email (extends mail.activity)."""

from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    # Marks the activity as a follow-up, even if users change its summary or type.
    trackable_email_id = fields.Many2one(
        "trackable.email",
        "Tracked Email",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,  # the email's name is its subject
    )
