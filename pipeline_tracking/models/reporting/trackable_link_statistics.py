"""Count the recipients and clicks of links (extends trackable.link)."""

from odoo import api, models
from odoo.tools import SQL

from ...tools.actions_and_totals_sql import ACTIONS_AND_TOTALS


class TrackableLink(models.Model):
    _inherit = "trackable.link"

    @api.depends("is_file")
    def _compute_kind(self):
        for link in self:
            link.kind = "file" if link.is_file else "link"

    def _compute_statistics(self):
        """Count actions without their record rules: users who may read a link may see
        how often it was used.
        """
        self.env["trackable.email.action"].flush_model()
        rows = self.env.execute_query(
            self._select_statistics(SQL("%s", tuple(self.ids) or (0,)))
        )
        counts_by_link = {link_id: counts for link_id, *counts in rows}
        for link in self:
            link.recipient_count, link.click_count, link.raw_click_count = (
                counts_by_link.get(link._origin.id, (0, 0, 0))
            )

    @api.model
    def _select_statistics(self, links):
        """Build the query of the statistics of used links. Its columns are ``link_id``,
        ``recipient_count``, ``click_count`` and ``requests``.

        :param SQL links: right side of ``IN``: the ids of links
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
