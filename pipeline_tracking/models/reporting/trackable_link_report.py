from odoo import fields, models
from odoo.tools import SQL

from ...fields import UnenforcedMany2one
from ...tools.actions_and_totals_sql import ACTIONS_AND_TOTALS, count_actions

# Host and path of a link, or the name of a file. Unlike in
# `link_labels.readable_destination`, the path is not shortened: links whose paths begin
# alike must not be grouped.
_ADDRESS = SQL(
    """
    CASE WHEN link.is_file THEN link.label
         ELSE rtrim(regexp_replace(split_part(split_part(link.url, '#', 1), '?', 1),
                                   '^([^/]*//)?([^/]*@)?', ''), '/')
    END
    """
)
_COLUMNS = SQL(
    """
    -- A unique id. With actions: an odd number, from the id of the first action.
    -- Without actions: an even number, from the id of the link and the id of the email
    -- modulo 4096. The emails of one message share a link, but have consecutive ids, so
    -- up to 4096 emails of a message get different numbers.
    COALESCE(2 * min(action.id)::bigint + 1,
             2 * (4096 * min(link.id)::bigint + email.id %% 4096)) AS id,
    %(address)s AS address,
    CASE WHEN link.is_file THEN 'file' ELSE 'link' END AS kind,
    min(link.label) AS label,
    email.id AS trackable_email_id,
    email.partner_id,
    email.email_to,
    email.template_id,
    email.mailing_id,
    email.user_id,
    email.company_id,
    email.sent_date,
    max(action.last_date) AS last_used,
    date_part('day', now() AT TIME ZONE 'UTC' - max(action.last_date))::integer
        AS days_ago,
    email.id AS email_count,
    CASE WHEN count(action.id) > 0
         -- An anonymized email counts as one recipient.
         THEN COALESCE(email.partner_id,
                       -abs(hashtext(COALESCE(email.email_to,
                                              email.recipient_key))::bigint))
    END AS recipient_count,
    COALESCE(sum(action.number), 0)::integer AS click_count
    """,
    address=_ADDRESS,
)


class TrackableLinkReport(models.Model):
    """Report which links and files recipients use.

    The report has a row for each link or file of each email. Links of several emails to
    the same address form one group.

    The content of a mailing can differ by recipient, and the links of each copy are not
    stored. For mailings, the report has only emails in which the link was used.

    The filter *With Automated Requests* counts automated requests as well.
    """

    _name = "trackable.link.report"
    _inherit = "missing.record.mixin"
    _description = "Links & Files Used"
    _auto = False
    _log_access = False
    _rec_name = "address"
    _order = "click_count desc, id desc"
    _depends = {
        "trackable.link": [
            "is_file",
            "label",
            "mail_message_id",
            "mailing_id",
            "url",
        ],
        "trackable.email": [
            "company_id",
            "email_to",
            "mail_message_id",
            "mailing_id",
            "partner_id",
            "sent_date",
            "template_id",
            "user_id",
        ],
        "trackable.action.total": [
            "actor",
            "is_counted",
            "last_date",
            "number",
            "trackable_email_id",
            "trackable_link_id",
        ],
        "trackable.email.action": [
            "actor",
            "is_counted",
            "occurred_at",
            "trackable_email_id",
            "trackable_link_id",
        ],
    }

    address = fields.Char("Link or File", readonly=True)
    label = fields.Char(
        "Text", readonly=True, help="Text of the link, or name of the file."
    )
    kind = fields.Selection(
        [("link", "Link"), ("file", "File")], string="Type", readonly=True
    )
    trackable_email_id = fields.Many2one("trackable.email", "Email", readonly=True)
    partner_id = UnenforcedMany2one("res.partner", "Recipient", readonly=True)
    email_to = fields.Char("Email Address", readonly=True)
    template_id = UnenforcedMany2one("mail.template", "Template", readonly=True)
    mailing_id = UnenforcedMany2one("mailing.mailing", "Mailing", readonly=True)
    user_id = UnenforcedMany2one("res.users", "Sender", readonly=True)
    company_id = UnenforcedMany2one("res.company", "Company", readonly=True)
    sent_date = fields.Datetime("Sent on", readonly=True)
    last_used = fields.Datetime("Last Used on", readonly=True)
    # A number, because lists show no date for a group.
    days_ago = fields.Integer(
        readonly=True,
        aggregator="min",
        help="Days since the link or file was last used.",
    )
    # The values are ids of the email and of the recipient. The aggregator counts each
    # id once.
    email_count = fields.Integer(
        "Emails",
        readonly=True,
        aggregator="count_distinct",
        help="Emails with this link or file. For mailings, only emails in which it was"
        " used.",
    )
    recipient_count = fields.Integer(
        "Recipients",
        readonly=True,
        aggregator="count_distinct",
        help="Recipients who used the link or file. Requests by colleagues are not"
        " counted, and automated requests only with their filter.",
    )
    click_count = fields.Integer(
        "Clicks", readonly=True, help="Clicks and downloads by recipients."
    )

    @property
    def _table_query(self):
        """Build the query from two parts, one for messages and one for mailings.

        PostgreSQL can then use the indexes of each part, also for the conditions of
        record rules.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT %(columns)s
              FROM trackable_link link
              JOIN trackable_email email USING (mail_message_id)
              LEFT JOIN %(actions)s AS action
                     ON action.trackable_link_id = link.id
                    AND action.trackable_email_id = email.id
                    AND %(counts)s
             GROUP BY email.id, link.is_file, address
             UNION ALL
            SELECT %(columns)s
              FROM trackable_link link
              JOIN %(actions)s AS action ON action.trackable_link_id = link.id
              JOIN trackable_email email ON email.id = action.trackable_email_id
             WHERE link.mailing_id IS NOT NULL AND %(counts)s
             GROUP BY email.id, link.is_file, address
            """,
            actions=ACTIONS_AND_TOTALS,
            columns=_COLUMNS,
            counts=count_actions(self.env),
        )

    def action_open_email(self):
        """Open the email that contains the link or file."""
        self.ensure_one()
        return self.trackable_email_id._get_records_action()
