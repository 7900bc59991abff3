from odoo import api, fields, models
from odoo.tools import SQL

from ..fields import UnenforcedMany2one
from ..tools import tracking_token


class TrackableMixin(models.AbstractModel):
    """Add the nonce in tracked URLs, the message or mailing that was sent, and the
    sender and company who may see the tracking.
    """

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
    # This field needs no index: the unique index of each model begins with the field.
    mail_message_id = UnenforcedMany2one("mail.message", "Message", readonly=True)
    mailing_id = UnenforcedMany2one(
        "mailing.mailing", "Mailing", readonly=True, index="btree_not_null"
    )
    user_id = UnenforcedMany2one("res.users", "Sender", readonly=True, index=True)
    company_id = UnenforcedMany2one("res.company", "Company", readonly=True, index=True)

    @api.model
    def _clear_uncommitted_references(self, vals_list):
        """Remove references to contacts, senders, templates and companies that the
        sending transaction has created but not yet committed. If that transaction is
        rolled back, views would fail on the name of a missing record.

        :param list[dict] vals_list: of trackable emails and links
        :rtype: list[dict]
        """
        committed_ids = self._find_committed_ids(vals_list)
        return [
            {
                name: value
                if name not in committed_ids or value in committed_ids[name]
                else False
                for name, value in vals.items()
            }
            for vals in vals_list
        ]

    @api.model
    def _find_committed_ids(self, vals_list):
        """Find the committed records among those that these values reference.

        :param list[dict] vals_list: of trackable emails and links
        :return: field name -> ids
        :rtype: dict[str, set[int]]
        """
        email_fields = self.env["trackable.email"]._fields
        names = ("company_id", "partner_id", "template_id", "user_id")
        committed_ids = {name: set() for name in names}
        # A single query for all fields, because it runs for each email.
        queries = [
            SQL(
                "SELECT %s, id FROM %s WHERE id = ANY(%s)",
                name,
                SQL.identifier(self.env[email_fields[name].comodel_name]._table),
                list({vals[name] for vals in vals_list if vals.get(name)}),
            )
            for name in names
        ]
        for name, record_id in self.env.execute_query(SQL(" UNION ALL ").join(queries)):
            committed_ids[name].add(record_id)
        return committed_ids
