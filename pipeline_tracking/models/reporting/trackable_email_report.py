from odoo import fields, models
from odoo.tools import SQL

from ...fields import UnenforcedMany2one
from ...tools.actions_and_totals_sql import ACTIONS_AND_TOTALS, WITH_AUTOMATED
from ...tools.actors import MACHINE, OPEN

# The automated requests of each email, which the filter adds to the recipient's opens
# and clicks.
_AUTOMATED = SQL(
    """
    LEFT JOIN (
        SELECT trackable_email_id,
               sum(number) FILTER (WHERE kind = %(open)s) AS automated_opens,
               sum(number) FILTER (WHERE kind != %(open)s) AS automated_clicks
          FROM %(actions)s AS action
         WHERE actor = %(machine)s AND NOT is_repeat
         GROUP BY trackable_email_id
    ) AS automated ON automated.trackable_email_id = trackable_email.id
    """,
    actions=ACTIONS_AND_TOTALS,
    machine=MACHINE,
    open=OPEN,
)


class TrackableEmailReport(models.Model):
    """Report open, click and reply rates.

    The report has a row for each trackable email that was sent. A row has the id and
    the access rules of its trackable email.

    The filter *With Automated Requests* counts automated requests as well.
    """

    _name = "trackable.email.report"
    _inherit = "missing.record.mixin"
    _description = "Tracked Email Report"
    _auto = False
    _order = "sent_date desc, id desc"
    _rec_name = "subject"
    _depends = {
        "trackable.email": [
            "click_count",
            "company_id",
            "mailing_id",
            "open_count",
            "partner_id",
            "reply_date",
            "res_model",
            "sent_date",
            "subject",
            "template_id",
            "unknown_open_count",
            "user_id",
        ],
        "trackable.email.action": ["actor", "kind", "trackable_email_id"],
        "trackable.action.total": ["actor", "kind", "number", "trackable_email_id"],
    }

    subject = fields.Char(readonly=True)
    sent_date = fields.Datetime("Sent on", readonly=True)
    user_id = UnenforcedMany2one("res.users", "Sender", readonly=True)
    partner_id = UnenforcedMany2one("res.partner", "Recipient", readonly=True)
    template_id = UnenforcedMany2one("mail.template", "Template", readonly=True)
    mailing_id = UnenforcedMany2one("mailing.mailing", "Mailing", readonly=True)
    company_id = UnenforcedMany2one("res.company", "Company", readonly=True)
    res_model = fields.Char("Record Model", readonly=True)
    email_count = fields.Integer("Emails", readonly=True)
    opened_count = fields.Integer("Opened Emails", readonly=True)
    maybe_opened_count = fields.Integer("Possibly Opened Emails", readonly=True)
    clicked_count = fields.Integer("Clicked Emails", readonly=True)
    replied_count = fields.Integer("Replied Emails", readonly=True)
    open_rate = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Share of emails that were opened. Possible opens are not counted.",
    )
    click_rate = fields.Float(readonly=True, aggregator="avg")
    reply_rate = fields.Float(readonly=True, aggregator="avg")
    open_count = fields.Integer("Opens", readonly=True)
    click_count = fields.Integer("Clicks", readonly=True)

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _get_columns(self):
        """Build the columns that the report selects from ``trackable_email``.

        An override appends columns, and declares a field for each new column.

        :rtype: list[SQL]
        """
        opens, clicks = SQL("COALESCE(open_count, 0)"), SQL("COALESCE(click_count, 0)")
        if self.env.context.get(WITH_AUTOMATED):
            opens = SQL("(%s + COALESCE(automated_opens, 0))::integer", opens)
            clicks = SQL("(%s + COALESCE(automated_clicks, 0))::integer", clicks)
        opened = SQL("(%s > 0)::integer", opens)
        maybe_opened = SQL(
            "(%s = 0 AND COALESCE(unknown_open_count, 0) > 0)::integer", opens
        )
        clicked = SQL("(%s > 0)::integer", clicks)
        replied = SQL("(reply_date IS NOT NULL)::integer")
        return [
            SQL(
                "id, subject, sent_date, user_id, partner_id, template_id, mailing_id,"
                " company_id, res_model, 1 AS email_count"
            ),
            SQL("%s AS open_count, %s AS click_count", opens, clicks),
            SQL("%s AS opened_count, %s::float AS open_rate", opened, opened),
            SQL("%s AS maybe_opened_count", maybe_opened),
            SQL("%s AS clicked_count, %s::float AS click_rate", clicked, clicked),
            SQL("%s AS replied_count, %s::float AS reply_rate", replied, replied),
        ]

    # ------------------------------------------------------------
    # Do not override: the query, and the button of a row
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(
            "SELECT %s FROM trackable_email %s"
            " WHERE sent_date IS NOT NULL AND is_anonymous IS NOT TRUE",
            SQL(", ").join(self._get_columns()),
            _AUTOMATED if self.env.context.get(WITH_AUTOMATED) else SQL(),
        )

    def action_open_email(self):
        """Open the trackable email.

        :rtype: dict
        """
        self.ensure_one()
        return self.env["trackable.email"].browse(self.id)._get_records_action()
