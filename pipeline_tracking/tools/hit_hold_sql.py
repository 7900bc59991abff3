"""Define in SQL when a waiting hit is due, and when it is late."""

from odoo.tools import SQL

HOLD_SECONDS = 15  # default time that a click is held; a company can set another time
LATE_SECONDS = 600  # a hit that is due for longer is late: the cron job does not run

# The clock's time: the transaction may have begun long ago.
NOW = SQL("clock_timestamp() AT TIME ZONE 'UTC'")
# The time when a hit is due. Clicks and downloads are held, so that a burst can be
# detected before its first hit is processed.
DUE_AT = SQL(
    """
    CASE WHEN hit.trackable_link_id IS NULL THEN '-infinity'
         ELSE hit.occurred_at
              + make_interval(secs => COALESCE(company.tracking_hold_seconds, %s))
    END
    """,
    HOLD_SECONDS,
)
QUEUE = SQL(
    """
    trackable_hit hit
    JOIN trackable_email email ON email.id = hit.trackable_email_id
    LEFT JOIN res_company company ON company.id = email.company_id
    """
)

_DUE_FOR = SQL(
    "extract(epoch FROM %s - GREATEST(hit.occurred_at, %s))::float", NOW, DUE_AT
)
# Select for how many seconds the oldest late hit has been due, or no row if no hit is
# late. In the order of the primary key, PostgreSQL stops at the first late hit.
LATE = SQL(
    """
    SELECT %(due_for)s FROM %(queue)s
     WHERE hit.error IS NULL AND %(due_for)s > %(late)s
     ORDER BY hit.id LIMIT 1
    """,
    due_for=_DUE_FOR,
    queue=QUEUE,
    late=LATE_SECONDS,
)
# Select the number of due hits, and for how many seconds the oldest has been due.
BACKLOG = SQL(
    """
    SELECT count(*), COALESCE(max(%(due_for)s), 0) FROM %(queue)s
     WHERE hit.error IS NULL AND %(due_for)s >= 0
    """,
    due_for=_DUE_FOR,
    queue=QUEUE,
)
