from odoo import api, fields, models
from odoo.tools import SQL

from ..privacy.trackable_action_total import ALL_ACTIONS

# Which of all requests are the recipient's, each once: as
# `trackable.email.action._get_counting` has it.
COUNTS = SQL("(actor = 'recipient' AND is_repeat IS NOT TRUE)")


class TrackableUseMixin(models.AbstractModel):
    """Of trackable links: who used them, and how often."""

    _name = "trackable.use.mixin"
    _description = "Trackable Use Mixin"

    kind = fields.Selection(
        [("link", "Link"), ("file", "File")], string="Type", compute="_compute_kind"
    )
    people_count = fields.Integer(
        "People",
        compute="_compute_use",
        help="Recipients who followed it, as far as that can be told.",
    )
    click_count = fields.Integer(
        "Times", compute="_compute_use", help="Clicks and downloads by recipients."
    )
    raw_click_count = fields.Integer(
        "All Requests",
        compute="_compute_use",
        help="Whoever made them: machines and colleagues included.",
    )

    @api.depends("is_file")
    def _compute_kind(self):
        for link in self:
            link.kind = "file" if link.is_file else "link"

    def _compute_use(self):
        """Without the rules of actions: who may see a link may know of its use."""
        self.env["trackable.email.action"].flush_model()
        rows = self.env.execute_query(
            self._select_use(SQL("%s", tuple(self.ids) or (0,)))
        )
        use = {link_id: figures for link_id, *figures in rows}
        for link in self:
            link.people_count, link.click_count, link.raw_click_count = use.get(
                link._origin.id, (0, 0, 0)
            )

    @api.model
    def _select_use(self, links):
        """The use of links that were used: id, people, times and all requests.

        :param SQL links: what stands behind ``IN``
        :rtype: SQL
        """
        return SQL(
            """
            SELECT trackable_link_id AS link_id,
                   count(DISTINCT trackable_email_id) FILTER (WHERE %(counts)s)
                       AS people,
                   COALESCE(sum(number) FILTER (WHERE %(counts)s), 0)::integer
                       AS times,
                   sum(number)::integer AS requests
              FROM %(actions)s AS action
             WHERE trackable_link_id IN %(links)s
             GROUP BY trackable_link_id
            """,
            actions=ALL_ACTIONS,
            counts=COUNTS,
            links=links,
        )
