"""Trackable emails have new columns, filled here with one statement for all emails."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

TABLE = "trackable_email"
# name of the column -> its type
COLUMNS = {
    "download_count": "int4",
    "last_action_date": "timestamp",
    "last_activity_date": "timestamp",
}


def migrate(cr, _version):
    """Fill the number of downloads and the times of the last action and activity."""
    if column_exists(cr, TABLE, "last_activity_date"):
        return
    for name, column_type in COLUMNS.items():
        create_column(cr, TABLE, name, column_type)
    cr.execute(
        SQL(
            """
            WITH counted AS (
                SELECT trackable_email_id, kind, 1 AS number, occurred_at AS last_date
                  FROM trackable_email_action
                 WHERE is_counted
                UNION ALL
                SELECT trackable_email_id, kind, number, last_date
                  FROM trackable_action_total
                 WHERE is_counted
            ), action AS (
                SELECT trackable_email_id, max(last_date) AS last_date,
                       sum(number) FILTER (WHERE kind = 'download') AS downloads
                  FROM counted
                 GROUP BY trackable_email_id
            )
            UPDATE trackable_email
               SET download_count = COALESCE(action.downloads, 0),
                   last_action_date = action.last_date,
                   -- GREATEST ignores NULL
                   last_activity_date = GREATEST(
                       email.sent_date, action.last_date, email.reply_date
                   )
              FROM trackable_email email
              LEFT JOIN action ON action.trackable_email_id = email.id
             WHERE trackable_email.id = email.id
            """
        )
    )
