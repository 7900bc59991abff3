from odoo import api, fields, models

from ..tools import classify


class TrackableEmailAction(models.Model):
    """What a hit meant: an open, a click or a download, by an actor."""

    _name = "trackable.email.action"
    _description = "Trackable Email Action"
    _order = "occurred_at desc, id desc"

    trackable_email_id = fields.Many2one(
        "trackable.email",
        "Email",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    kind = fields.Selection(
        [
            (classify.OPEN, "Open"),
            (classify.CLICK, "Click"),
            (classify.DOWNLOAD, "Download"),
        ],
        required=True,
        readonly=True,
    )
    actor = fields.Selection(
        [
            (classify.RECIPIENT, "Recipient"),
            (classify.UNKNOWN, "Cannot be told"),
            (classify.MACHINE, "Machine"),
            (classify.INTERNAL, "Colleague"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True, help="Why this actor: a short code.")
    trackable_link_id = fields.Many2one(
        "trackable.link",
        "Link",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    occurred_at = fields.Datetime("Date", required=True, readonly=True, index=True)
    ip = fields.Char("IP Address", readonly=True)
    user_agent = fields.Char(readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    user_id = fields.Many2one("res.users", readonly=True)

    @api.depends("kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for action in self:
            action.display_name = kinds.get(action.kind)
