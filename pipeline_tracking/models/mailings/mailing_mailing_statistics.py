"""Count what recipients did with a mailing (extends mailing.mailing)."""

from collections import defaultdict, namedtuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.actions_and_totals_sql import ACTIONS_AND_TOTALS

READER_GROUP = "mass_mailing.group_mass_mailing_user"
MOST_USED_LIMIT = 20  # trackable links
# Statistics count only trackable emails that the user may read, as the lists do.
READABLE_EMAILS = ("uid", "allowed_company_ids")

_RATE_HELP = (
    "Recipients who did this at least once, as a share of the tracked emails sent."
)
_COUNT_HELP = (
    "Actions by recipients, without repeats. Possible opens, automated requests and"
    " requests by colleagues are not counted."
)
_RAW_HELP = (
    "All requests, including automated requests, requests by colleagues, and repeats."
)


# Counts of one kind of action on the trackable emails of a mailing. `recipient_count`
# and `possible_recipient_count` count each recipient once; the latter counts only
# recipients without a counted action. `request_count` includes automated requests,
# requests by colleagues, and repeats.
ActionStatistics = namedtuple(
    "ActionStatistics",
    "recipient_count action_count possible_recipient_count possible_action_count"
    " request_count",
    defaults=[0] * 5,
)


def _count_field(string, **options):
    return fields.Integer(
        string, compute="_compute_tracking_statistics", groups=READER_GROUP, **options
    )


def _rate_field(string):
    return fields.Float(
        string,
        compute="_compute_tracking_statistics",
        groups=READER_GROUP,
        help=_RATE_HELP,
    )


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    tracked_sent_count = fields.Integer(
        "Tracked Emails", compute="_compute_tracked_sent_count", groups=READER_GROUP
    )
    tracked_open_people = _count_field("Recipients Who Opened")
    tracked_open_rate = _rate_field("Open Rate")
    tracked_open_count = _count_field("Opens", help=_COUNT_HELP)
    tracked_click_people = _count_field("Recipients Who Clicked")
    tracked_click_rate = _rate_field("Click Rate")
    tracked_click_count = _count_field("Clicks", help=_COUNT_HELP)
    tracked_download_people = _count_field("Recipients Who Downloaded")
    tracked_download_rate = _rate_field("Download Rate")
    tracked_download_count = _count_field("Downloads", help=_COUNT_HELP)
    tracked_maybe_people = _count_field(
        "Recipients Who May Have Opened",
        help="Recipients with possible opens only. An email client can load the image"
        " even if the recipient does not open the email.",
    )
    tracked_maybe_count = _count_field("Possible Opens")
    tracked_raw_open_count = _count_field("All Image Requests", help=_RAW_HELP)
    tracked_raw_click_count = _count_field("All Link Requests", help=_RAW_HELP)
    tracked_raw_download_count = _count_field("All File Requests", help=_RAW_HELP)
    tracked_anonymous_open_count = fields.Integer(
        "Anonymous Opens",
        compute="_compute_tracked_anonymous_counts",
        groups=READER_GROUP,
        help="Opens by recipients who have neither agreed to tracking nor opted out of"
        " it. The recipient of an open is not recorded.",
    )
    tracked_anonymous_maybe_count = fields.Integer(
        "Possible Anonymous Opens",
        compute="_compute_tracked_anonymous_counts",
        groups=READER_GROUP,
    )
    most_used_link_ids = fields.Many2many(
        "trackable.link",
        string="Most Used Links & Files",
        compute="_compute_most_used_link_ids",
        groups=READER_GROUP,
    )

    @api.depends_context(*READABLE_EMAILS)
    def _compute_tracked_sent_count(self):
        groups = self.env["trackable.email"]._read_group(
            self._get_tracked_sent_domain(),
            ["mailing_id"],
            ["__count"],
        )
        count_by_id = {mailing.id: count for mailing, count in groups}
        for mailing in self:
            mailing.tracked_sent_count = count_by_id.get(mailing._origin.id, 0)

    def _get_tracked_sent_domain(self):
        """Return the domain of trackable emails that were sent to a known recipient.

        :rtype: list
        """
        return [
            ("mailing_id", "in", self.ids),
            ("sent_date", "!=", False),
            ("is_anonymous", "=", False),
        ]

    @api.depends_context(*READABLE_EMAILS)
    def _compute_tracked_anonymous_counts(self):
        groups = self.env["trackable.email"]._read_group(
            [("mailing_id", "in", self.ids), ("is_anonymous", "=", True)],
            ["mailing_id"],
            ["open_count:sum", "unknown_open_count:sum"],
        )
        counts_by_id = {mailing.id: counts for mailing, *counts in groups}
        for mailing in self:
            open_count, possible_open_count = counts_by_id.get(
                mailing._origin.id, (0, 0)
            )
            mailing.tracked_anonymous_open_count = open_count
            mailing.tracked_anonymous_maybe_count = possible_open_count

    @api.depends_context(*READABLE_EMAILS)
    def _compute_tracking_statistics(self):
        statistics_by_id = self._read_action_statistics()
        for mailing in self:
            statistics_by_kind = statistics_by_id[mailing._origin.id]
            sent_count = mailing.tracked_sent_count
            for kind in ("open", "click", "download"):
                statistics = statistics_by_kind.get(kind, ActionStatistics())
                rate = statistics.recipient_count / sent_count if sent_count else 0
                mailing[f"tracked_{kind}_people"] = statistics.recipient_count
                mailing[f"tracked_{kind}_rate"] = rate
                mailing[f"tracked_{kind}_count"] = statistics.action_count
                mailing[f"tracked_raw_{kind}_count"] = statistics.request_count
                if kind == "open":
                    mailing.tracked_maybe_people = statistics.possible_recipient_count
                    mailing.tracked_maybe_count = statistics.possible_action_count

    def _read_action_statistics(self):
        """Count the actions on the trackable emails of these mailings.

        The rules are the same as for the counters of an email.

        :return: id of the mailing -> kind of action -> counts
        :rtype: dict[int, dict[str, ActionStatistics]]
        """
        rows = self._query_readable_emails(
            SQL(
                """
                SELECT mailing_id, kind,
                       count(*) FILTER (WHERE action_count > 0),
                       sum(action_count),
                       count(*) FILTER (
                           WHERE possible_action_count > 0 AND action_count = 0
                       ),
                       sum(possible_action_count),
                       sum(request_count)
                  FROM (
                        SELECT email.mailing_id, action.kind,
                               COALESCE(sum(number) FILTER (WHERE is_counted), 0)
                                   AS action_count,
                               COALESCE(sum(number) FILTER (
                                   WHERE actor = 'unknown' AND is_repeat IS NOT TRUE
                               ), 0) AS possible_action_count,
                               -- an inferred open has no request
                               COALESCE(sum(number) FILTER (
                                   WHERE NOT is_inferred
                               ), 0) AS request_count
                          FROM %s AS action
                          JOIN email ON email.id = action.trackable_email_id
                         GROUP BY email.mailing_id, email.id, action.kind
                       ) AS email_actions
                 GROUP BY mailing_id, kind
                """,
                ACTIONS_AND_TOTALS,
            )
        )
        statistics_by_id = defaultdict(dict)
        for mailing_id, kind, *counts in rows:
            statistics_by_id[mailing_id][kind] = ActionStatistics(*map(int, counts))
        return statistics_by_id

    @api.depends_context(*READABLE_EMAILS)
    def _compute_most_used_link_ids(self):
        Link = self.env["trackable.link"]
        query = Link._search([("mailing_id", "in", self.ids), ("is_decoy", "=", False)])
        Link.flush_model()
        self.env["trackable.email.action"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mailing_id, array_agg(id ORDER BY rank)
                  FROM (
                        SELECT link.mailing_id, link.id,
                               row_number() OVER (
                                   PARTITION BY link.mailing_id
                                   ORDER BY COALESCE(recipient_count, 0) DESC,
                                            COALESCE(click_count, 0) DESC,
                                            COALESCE(requests, 0) DESC, link.id
                               ) AS rank
                          FROM trackable_link link
                          LEFT JOIN (%(statistics)s) AS statistics
                                 ON statistics.link_id = link.id
                         WHERE link.id IN %(links)s
                       ) AS ranked_link
                 WHERE rank <= %(limit)s
                 GROUP BY mailing_id
                """,
                statistics=Link._select_statistics(query.subselect()),
                links=query.subselect(),
                limit=MOST_USED_LIMIT,
            )
        )
        link_ids_by_id = dict(rows)
        for mailing in self:
            mailing.most_used_link_ids = link_ids_by_id.get(mailing._origin.id, [])

    def _query_readable_emails(self, query):
        """Execute a query that reads the table ``email``. The table holds the ids and
        mailings of these mailings' trackable emails that the user may read.

        :param SQL query:
        :rtype: list[tuple]
        """
        Email = self.env["trackable.email"]
        emails = Email._search([("mailing_id", "in", self.ids)])
        Email.flush_model()
        self.env["trackable.email.action"].flush_model()
        return self.env.execute_query(
            SQL(
                "WITH email AS %s %s",
                emails.subselect(
                    SQL.identifier(emails.table, "id"),
                    SQL.identifier(emails.table, "mailing_id"),
                ),
                query,
            )
        )
