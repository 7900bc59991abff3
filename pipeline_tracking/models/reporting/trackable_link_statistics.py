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
        statistics_by_link = {link_id: values for link_id, *values in rows}
        for link in self:
            (
                link.recipient_count,
                link.click_count,
                link.raw_click_count,
                link.last_use_date,
            ) = statistics_by_link.get(link._origin.id, (0, 0, 0, False))

    @api.model
    def _select_statistics(self, links):
        """Build the query of the statistics of used links. Its columns are ``link_id``,
        ``recipient_count``, ``click_count``, ``requests`` and ``last_use_date``.

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
                   sum(number)::integer AS requests,
                   max(last_date) FILTER (WHERE action.is_counted) AS last_use_date
              FROM %(actions)s AS action
             WHERE trackable_link_id IN %(links)s
             GROUP BY trackable_link_id
            """,
            actions=ACTIONS_AND_TOTALS,
            links=links,
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Order links by their last use, which is not stored. Unused links are last."""
        if field_name != "last_use_date":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        self.env["trackable.email.action"].flush_model()
        return SQL(
            """
            (SELECT max(last_date) FROM %(actions)s AS action
              WHERE action.trackable_link_id = %(link)s AND action.is_counted)
            %(direction)s NULLS LAST
            """,
            actions=ACTIONS_AND_TOTALS,
            link=SQL.identifier(alias, "id"),
            direction=direction,
        )
