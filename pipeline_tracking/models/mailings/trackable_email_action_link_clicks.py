"""Copy clicks to Odoo's own link trackers (extends trackable.email.action)."""

from odoo import models
from odoo.tools import SQL


class TrackableEmailAction(models.Model):
    _inherit = "trackable.email.action"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_link_click_values(self):
        """Return the values of the `link.tracker.click` for this action.

        The values leave out the IP address. Only the action stores it, if the company
        stores IP addresses. An override adds values of other `link.tracker.click`
        fields to the dictionary of super.

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

    # ------------------------------------------------------------
    # Do not override
    # ------------------------------------------------------------

    def _create_link_clicks(self):
        """Create a `link.tracker.click` for each of these actions."""
        if not self:
            return
        clicks = self.env["link.tracker.click"].create(
            [action._prepare_link_click_values() for action in self]
        )
        for action, click in zip(self, clicks, strict=True):
            action.link_tracker_click_id = click
        # Odoo's statistics use the create date, which the ORM cannot write.
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
