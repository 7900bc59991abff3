from odoo import api, fields, models
from odoo.orm.models import NO_ACCESS
from odoo.tools import SQL

from ..tools import rewrite


class TrackableLink(models.Model):
    """A destination in a tracked message, shared by all its copies."""

    _name = "trackable.link"
    _inherit = ["trackable.mixin"]
    _description = "Trackable Link"
    _rec_name = "label"
    # No foreign keys to users either: see LooseMany2one.
    _log_access = False

    # The whole address is for the redirect alone: its query can hold access tokens.
    url = fields.Char("Destination", required=True, readonly=True, groups=NO_ACCESS)
    label = fields.Char(readonly=True)
    address = fields.Char(compute="_compute_address", compute_sudo=True)
    attachment_id = fields.Many2one(
        "ir.attachment", "File", readonly=True, index="btree_not_null"
    )

    # An index row holds about 2,700 bytes, an address any number.
    _message_url_uniq = models.UniqueIndex("(mail_message_id, md5(url))")

    @api.depends("url")
    def _compute_address(self):
        for link in self:
            link.address = rewrite.readable_address(link.url or "")

    @api.model
    def _ensure(self, vals_list):
        """The trackable links with these values: found, or made.

        :param list[dict] vals_list: each with ``mail_message_id``, ``url``, ``label``
        :return: in the order of ``vals_list``
        :rtype: TrackableLink
        """
        messages = {vals["mail_message_id"] for vals in vals_list}
        existing = self.search([("mail_message_id", "in", list(messages))])
        found = {(link.mail_message_id.id, link.url): link for link in existing}
        keys = [(vals["mail_message_id"], vals["url"]) for vals in vals_list]
        values = dict(zip(keys, vals_list, strict=True))
        missing = [key for key in values if key not in found]
        created = self.create([values[key] for key in missing])
        found |= zip(missing, created, strict=True)
        return self.browse(found[key].id for key in keys)

    @api.model
    def _find_destination(self, link_token):
        """Where a verified token leads.

        :param token.Token link_token:
        :return: the destination as it was written, or None where the token's id is
            another link's now (a restored database), or nobody's
        :rtype: str | None
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT url FROM trackable_link WHERE id = %s AND nonce = %s",
                link_token.link_id,
                link_token.link_nonce,
            )
        )
        return rows[0][0] if rows else None
