from odoo import models
from odoo.tools import SQL


class TrackableEmailAction(models.Model):
    """Copy clicks to Odoo's own link trackers (extends trackable.email.action)."""

    _inherit = "trackable.email.action"

    def _create_link_clicks(self):
        """Make their counterparts among the clicks of Odoo's link trackers."""
        if not self:
            return
        clicks = self.env["link.tracker.click"].create(
            [action._prepare_link_click_values() for action in self]
        )
        for action, click in zip(self, clicks, strict=True):
            action.link_tracker_click_id = click
        # Clicks over time are told by it. SQL: the ORM writes none of its own fields.
        self.env.cr.execute(
            SQL(
                """
                UPDATE link_tracker_click SET create_date = action.occurred_at
                  FROM unnest(%s::integer[], %s::timestamp[])
                       AS action (click_id, occurred_at)
                 WHERE link_tracker_click.id = action.click_id
                """,
                clicks.ids,
                self.mapped("occurred_at"),
            )
        )
        clicks.invalidate_recordset(["create_date"])

    def _prepare_link_click_values(self):
        """Values of the click of a link tracker that a click is. To be extended.

        The address it came from is not kept: what an action keeps is enough.

        :rtype: dict
        """
        self.ensure_one()
        email = self.trackable_email_id
        return {
            "link_id": self.trackable_link_id.link_tracker_id.id,
            "country_id": self.country_id.id,
            "mailing_trace_id": email.mailing_trace_id.id,
            "mass_mailing_id": email.mailing_trace_id.mass_mailing_id.id,
        }
