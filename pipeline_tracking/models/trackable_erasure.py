from odoo import api, fields, models


class TrackableErasure(models.TransientModel):
    """To be asked once more before contacts are erased from what tracking knows."""

    _name = "trackable.erasure"
    _description = "Erase Tracking Data"

    partner_ids = fields.Many2many(
        "res.partner",
        string="Contacts",
        required=True,
        default=lambda self: self._get_default_partners(),
    )

    @api.model
    def _get_default_partners(self):
        if self.env.context.get("active_model") != "res.partner":
            return False
        return self.env.context.get("active_ids")

    def action_erase(self):
        """Erase them.

        :return: a notification that says how much there was
        :rtype: dict
        """
        self.partner_ids.check_access("read")
        count = self.partner_ids._erase_tracking()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Trackable emails without a name now: %s", count),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
