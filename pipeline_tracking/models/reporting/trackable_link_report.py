from odoo import fields, models
from odoo.tools import SQL

from ...fields import UnenforcedMany2one
from ...tools.action_sql import ACTIONS_AND_TOTALS

# Host and path of a link, for users who may read it. `label.readable_destination` cuts
# them; here they are whole, so that two links that begin alike stay two.
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
    -- Nobody else's: of the first use, or where there is none, of the link. A message's
    -- emails share it; made together, their numbers follow one another.
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
         -- One whose person was erased is somebody, too.
         THEN COALESCE(email.partner_id,
                       -abs(hashtext(COALESCE(email.email_to,
                                              email.recipient_key))::bigint))
    END AS recipient_count,
    COALESCE(sum(action.number), 0)::integer AS click_count
    """,
    address=_ADDRESS,
)


class TrackableLinkReport(models.Model):
    """Which links and files are used: a row for each that an email held. What leads to
    the same place is the same, in whichever emails.

    Which of a mailing's emails held a link is not known where its content differs with
    the recipient: of mailings, only the emails in which it was used are here.
    """

    _name = "trackable.link.report"
    _inherit = "missing.record.mixin"
    _description = "Links and Files Used"
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
            "is_counted",
            "last_date",
            "number",
            "trackable_email_id",
            "trackable_link_id",
        ],
        "trackable.email.action": [
            "is_counted",
            "occurred_at",
            "trackable_email_id",
            "trackable_link_id",
        ],
    }

    address = fields.Char("Link or File", readonly=True)
    label = fields.Char(
        "Text", readonly=True, help="What the link reads like, or the file's name."
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
    # As numbers, too: lists show no date for a group.
    days_ago = fields.Integer(
        readonly=True, aggregator="min", help="Since it was last used."
    )
    # Numbers that stand for the email, and for who used it: each is counted once.
    email_count = fields.Integer(
        "Emails",
        readonly=True,
        aggregator="count_distinct",
        help="Emails with this link or file. Of mailings, only those that used it.",
    )
    recipient_count = fields.Integer(
        "People",
        readonly=True,
        aggregator="count_distinct",
        help="Recipients who followed it, as far as that can be told.",
    )
    click_count = fields.Integer(
        "Times", readonly=True, help="Clicks and downloads by recipients."
    )

    @property
    def _table_query(self):
        """In two parts, so that each has its indexes, and that the rules of who may see
        what reach them.

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
                    AND action.is_counted
             GROUP BY email.id, link.is_file, address
             UNION ALL
            SELECT %(columns)s
              FROM trackable_link link
              JOIN %(actions)s AS action ON action.trackable_link_id = link.id
              JOIN trackable_email email ON email.id = action.trackable_email_id
             WHERE link.mailing_id IS NOT NULL AND action.is_counted
             GROUP BY email.id, link.is_file, address
            """,
            actions=ACTIONS_AND_TOTALS,
            columns=_COLUMNS,
        )

    def action_open_email(self):
        """Open the email that held it."""
        self.ensure_one()
        return self.trackable_email_id._get_records_action()
