from odoo import api, models
from odoo.tools import SQL

from ...tools.action_sql import ACTIONS_AND_TOTALS


class TrackableLink(models.Model):
    """Count who used a link, and how often (extends trackable.link)."""

    _inherit = "trackable.link"

    @api.depends("is_file")
    def _compute_kind(self):
        for link in self:
            link.kind = "file" if link.is_file else "link"

    def _compute_statistics(self):
        """Without the rules of actions: who may see a link may know of its use."""
        self.env["trackable.email.action"].flush_model()
        rows = self.env.execute_query(
            self._select_statistics(SQL("%s", tuple(self.ids) or (0,)))
        )
        use = {link_id: figures for link_id, *figures in rows}
        for link in self:
            link.recipient_count, link.click_count, link.raw_click_count = use.get(
                link._origin.id, (0, 0, 0)
            )

    @api.model
    def _select_statistics(self, links):
        """The use of links that were used: id, people, times and all requests.

        :param SQL links: what stands behind ``IN``
        :rtype: SQL
        """
        return SQL(
            """
            SELECT trackable_link_id AS link_id,
                   count(DISTINCT trackable_email_id) FILTER (WHERE action.is_counted)
                       AS recipient_count,
                   COALESCE(sum(number) FILTER (WHERE action.is_counted), 0)::integer
                       AS click_count,
                   sum(number)::integer AS requests
              FROM %(actions)s AS action
             WHERE trackable_link_id IN %(links)s
             GROUP BY trackable_link_id
            """,
            actions=ACTIONS_AND_TOTALS,
            links=links,
        )
