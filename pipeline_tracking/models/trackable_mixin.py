from odoo import api, fields, models
from odoo.tools import SQL

from ..fields import UnenforcedMany2one
from ..tools import tracking_token


class TrackableMixin(models.AbstractModel):
    """What a tracked URL names: its nonce, the message, and who may see it."""

    _name = "trackable.mixin"
    _inherit = "missing.record.mixin"
    _description = "Trackable Mixin"

    nonce = fields.Integer(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: tracking_token.new_nonce(),
        groups=fields.NO_ACCESS,
    )
    # Indexed by each model's unique index, which begins with it.
    mail_message_id = UnenforcedMany2one("mail.message", "Message", readonly=True)
    mailing_id = UnenforcedMany2one(
        "mailing.mailing", "Mailing", readonly=True, index="btree_not_null"
    )
    user_id = UnenforcedMany2one("res.users", "Sender", readonly=True, index=True)
    company_id = UnenforcedMany2one("res.company", "Company", readonly=True, index=True)

    @api.model
    def _leave_out_uncommitted(self, vals_list):
        """Values without the contact, sender or company that the sending transaction
        has made but not committed: it can still roll back, and views would fail on
        the name of a record that never came to be.

        :param list[dict] vals_list: of trackable emails and links
        :rtype: list[dict]
        """
        committed = self._find_committed(vals_list)
        return [
            {
                name: value
                if name not in committed or value in committed[name]
                else False
                for name, value in vals.items()
            }
            for vals in vals_list
        ]

    @api.model
    def _find_committed(self, vals_list):
        """Which of the records that may not be there are.

        :rtype: dict[str, set[int]]
        """
        email = self.env["trackable.email"]
        names = ("company_id", "partner_id", "template_id", "user_id")
        committed = {name: set() for name in names}
        # One query: it is there for each email that is sent.
        parts = [
            SQL(
                "SELECT %s, id FROM %s WHERE id = ANY(%s)",
                name,
                SQL.identifier(self.env[email._fields[name].comodel_name]._table),
                list({vals[name] for vals in vals_list if vals.get(name)}),
            )
            for name in committed
        ]
        for name, record_id in self.env.execute_query(SQL(" UNION ALL ").join(parts)):
            committed[name].add(record_id)
        return committed
