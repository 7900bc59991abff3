"""The queue of hits in SQL: what waits in it, when that is due, and when it is late."""

from odoo.tools import SQL

HOLD_SECONDS = 15  # of a click, where no company says otherwise
LATE_SECONDS = 600  # a hit that is due for longer is late: its job does not run

# The clock, and not the transaction's time, which can be long ago.
NOW = SQL("clock_timestamp() AT TIME ZONE 'UTC'")
# Links are held: only then has a burst had time to show itself.
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
# For how many seconds the oldest hit that is late was due; no row where none is. By
# the primary key, in whose order hits come: it ends with the first that is late.
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
# How many hits are due, and for how many seconds the oldest of them.
BACKLOG = SQL(
    """
    SELECT count(*), COALESCE(max(%(due_for)s), 0) FROM %(queue)s
     WHERE hit.error IS NULL AND %(due_for)s >= 0
    """,
    due_for=_DUE_FOR,
    queue=QUEUE,
)
