from odoo import fields, models
from odoo.orm.models import NO_ACCESS

from ..fields import LooseMany2one
from ..tools import token


class TrackableMixin(models.AbstractModel):
    """What a tracked URL names: its nonce, the message, and who may see it."""

    _name = "trackable.mixin"
    _description = "Trackable Mixin"

    nonce = fields.Integer(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: token.new_nonce(),
        groups=NO_ACCESS,
    )
    # Indexed by each model's unique index, which begins with it.
    mail_message_id = LooseMany2one("mail.message", "Message", readonly=True)
    user_id = LooseMany2one("res.users", "Sender", readonly=True, index=True)
    company_id = LooseMany2one("res.company", "Company", readonly=True, index=True)
