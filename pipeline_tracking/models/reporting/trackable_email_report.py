from odoo import fields, models
from odoo.tools import SQL

from ...fields import UnenforcedMany2one


class TrackableEmailReport(models.Model):
    """Report open, click and reply rates.

    The report has a row for each trackable email that was sent. A row has the id and
    the access rules of its trackable email.
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
        opened = SQL("(COALESCE(open_count, 0) > 0)::integer")
        maybe_opened = SQL(
            "(COALESCE(open_count, 0) = 0 AND COALESCE(unknown_open_count, 0) > 0)"
            "::integer"
        )
        clicked = SQL("(COALESCE(click_count, 0) > 0)::integer")
        replied = SQL("(reply_date IS NOT NULL)::integer")
        return [
            SQL(
                "id, subject, sent_date, user_id, partner_id, template_id, mailing_id,"
                " company_id, res_model, 1 AS email_count, open_count, click_count"
            ),
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
            "SELECT %s FROM trackable_email"
            " WHERE sent_date IS NOT NULL AND is_anonymous IS NOT TRUE",
            SQL(", ").join(self._get_columns()),
        )

    def action_open_email(self):
        """Open the trackable email.

        :rtype: dict
        """
        self.ensure_one()
        return self.env["trackable.email"].browse(self.id)._get_records_action()
