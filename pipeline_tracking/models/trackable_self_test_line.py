from odoo import fields, models

QUEUE_FILTERS = {"backlog": "waiting", "set_aside": "set_aside"}


class TrackableSelfTestLine(models.TransientModel):
    """One finding of the self-test."""

    _name = "trackable.self.test.line"
    _description = "Check Tracking Finding"

    test_id = fields.Many2one("trackable.self.test", required=True, ondelete="cascade")
    key = fields.Char(required=True)
    state = fields.Selection(
        [
            ("error", "Error"),
            ("warning", "Warning"),
            ("notice", "Notice"),
            ("ok", "All right"),
        ],
        required=True,
    )
    title = fields.Char(required=True)
    reason = fields.Char(help="Why it matters.")
    remedy = fields.Char(help="What to do.")

    def action_open_queue(self):
        """The hits that a finding is about."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "pipeline_tracking.trackable_hit_action_window"
        )
        name = QUEUE_FILTERS.get(self.key)
        if name:
            action["context"] = {f"search_default_{name}": 1}
        return action
