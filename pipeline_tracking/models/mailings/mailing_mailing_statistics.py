from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.action_sql import ACTIONS_AND_TOTALS

READERS = "mass_mailing.group_mass_mailing_user"
MOST_USED = 20  # trackable links
# Whatever is counted is counted among the trackable emails that the user may read: it
# is what the lists show.
SCOPE = ("uid", "allowed_company_ids")

_RATE_HELP = "Of the tracked emails that were sent."
_TIMES_HELP = "By recipients, as far as that can be told."
_RAW_HELP = "Whoever made them: machines, colleagues and repeats included."


def _figure(string, **options):
    return fields.Integer(
        string, compute="_compute_tracking_statistics", groups=READERS, **options
    )


def _rate(string):
    return fields.Float(
        string, compute="_compute_tracking_statistics", groups=READERS, help=_RATE_HELP
    )


class MailingMailing(models.Model):
    """Count what recipients did with a mailing (extends mailing.mailing)."""

    _inherit = "mailing.mailing"

    tracked_sent_count = fields.Integer(
        "Trackable Emails", compute="_compute_tracked_sent_count", groups=READERS
    )
    tracked_open_people = _figure("People Who Opened")
    tracked_open_rate = _rate("Open Rate")
    tracked_open_count = _figure("Opens", help=_TIMES_HELP)
    tracked_click_people = _figure("People Who Clicked")
    tracked_click_rate = _rate("Click Rate")
    tracked_click_count = _figure("Clicks", help=_TIMES_HELP)
    tracked_download_people = _figure("People Who Downloaded")
    tracked_download_rate = _rate("Download Rate")
    tracked_download_count = _figure("Downloads", help=_TIMES_HELP)
    tracked_maybe_people = _figure(
        "People Who May Have Opened",
        help="The image was loaded, but nobody can tell whether a person saw it.",
    )
    tracked_maybe_count = _figure("Possible Opens")
    tracked_raw_open_count = _figure("All Images Loaded", help=_RAW_HELP)
    tracked_raw_click_count = _figure("All Links Followed", help=_RAW_HELP)
    tracked_raw_download_count = _figure("All Files Downloaded", help=_RAW_HELP)
    tracked_anonymous_open_count = fields.Integer(
        "Anonymous Opens",
        compute="_compute_tracked_anonymous_counts",
        groups=READERS,
        help="By recipients who have not agreed to be tracked: who, is not known.",
    )
    tracked_anonymous_maybe_count = fields.Integer(
        "Possible Anonymous Opens",
        compute="_compute_tracked_anonymous_counts",
        groups=READERS,
    )
    most_used_link_ids = fields.Many2many(
        "trackable.link",
        string="Most Used Links and Files",
        compute="_compute_most_used_link_ids",
        groups=READERS,
    )

    @api.depends_context(*SCOPE)
    def _compute_tracked_sent_count(self):
        groups = self.env["trackable.email"]._read_group(
            self._get_tracked_sent_domain(),
            ["mailing_id"],
            ["__count"],
        )
        counts = {mailing.id: count for mailing, count in groups}
        for mailing in self:
            mailing.tracked_sent_count = counts.get(mailing._origin.id, 0)

    def _get_tracked_sent_domain(self):
        """Of their trackable emails, those that were sent to somebody."""
        return [
            ("mailing_id", "in", self.ids),
            ("sent_date", "!=", False),
            ("is_anonymous", "=", False),
        ]

    @api.depends_context(*SCOPE)
    def _compute_tracked_anonymous_counts(self):
        groups = self.env["trackable.email"]._read_group(
            [("mailing_id", "in", self.ids), ("is_anonymous", "=", True)],
            ["mailing_id"],
            ["open_count:sum", "unknown_open_count:sum"],
        )
        counts = {mailing.id: numbers for mailing, *numbers in groups}
        for mailing in self:
            opens, maybe = counts.get(mailing._origin.id, (0, 0))
            mailing.tracked_anonymous_open_count = opens
            mailing.tracked_anonymous_maybe_count = maybe

    @api.depends_context(*SCOPE)
    def _compute_tracking_statistics(self):
        figures = self._read_tracking_figures()
        for mailing in self:
            own = figures[mailing._origin.id]
            sent = mailing.tracked_sent_count
            for kind in ("open", "click", "download"):
                people, times, maybe_people, maybe_times, requests = own.get(
                    kind, (0,) * 5
                )
                mailing[f"tracked_{kind}_people"] = people
                mailing[f"tracked_{kind}_rate"] = people / sent if sent else 0
                mailing[f"tracked_{kind}_count"] = times
                mailing[f"tracked_raw_{kind}_count"] = requests
                if kind == "open":
                    mailing.tracked_maybe_people = maybe_people
                    mailing.tracked_maybe_count = maybe_times

    def _read_tracking_figures(self):
        """What the actions on their copies add up to, as the counters of these do.

        :return: by the id of the mailing and kind of action: people and times by the
            recipient; people and times where that cannot be told and nothing else
            tells; all requests
        :rtype: dict[int, dict[str, tuple]]
        """
        rows = self._execute_on_emails(
            SQL(
                """
                SELECT mailing_id, kind,
                       count(*) FILTER (WHERE times > 0), sum(times),
                       count(*) FILTER (WHERE maybe_times > 0 AND times = 0),
                       sum(maybe_times), sum(requests)
                  FROM (
                        SELECT email.mailing_id, action.kind,
                               COALESCE(sum(number) FILTER (WHERE is_counted), 0)
                                   AS times,
                               COALESCE(sum(number) FILTER (
                                   WHERE actor = 'unknown' AND is_repeat IS NOT TRUE
                               ), 0) AS maybe_times,
                               -- nobody asked for what was inferred
                               COALESCE(sum(number) FILTER (
                                   WHERE NOT is_inferred
                               ), 0) AS requests
                          FROM %s AS action
                          JOIN email ON email.id = action.trackable_email_id
                         GROUP BY email.mailing_id, email.id, action.kind
                       ) AS one
                 GROUP BY mailing_id, kind
                """,
                ACTIONS_AND_TOTALS,
            )
        )
        figures = defaultdict(dict)
        for mailing_id, kind, *numbers in rows:
            figures[mailing_id][kind] = tuple(map(int, numbers))
        return figures

    @api.depends_context(*SCOPE)
    def _compute_most_used_link_ids(self):
        Link = self.env["trackable.link"]
        query = Link._search([("mailing_id", "in", self.ids)])
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
                          LEFT JOIN (%(use)s) AS use ON use.link_id = link.id
                         WHERE link.id IN %(links)s
                       ) AS ranked
                 WHERE rank <= %(limit)s
                 GROUP BY mailing_id
                """,
                use=Link._select_statistics(query.subselect()),
                links=query.subselect(),
                limit=MOST_USED,
            )
        )
        most_used = dict(rows)
        for mailing in self:
            mailing.most_used_link_ids = most_used.get(mailing._origin.id, [])

    def _execute_on_emails(self, query):
        """Execute a query on ``email``: those of their trackable emails that the user
        may read.

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
