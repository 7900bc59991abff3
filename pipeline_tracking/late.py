"""Hits that wait too long: their job does not run. Whoever is to be told of it cannot
be told by that job.
"""

import logging
import time

import psycopg2

from odoo import sql_db

from .tools import queue_sql

_logger = logging.getLogger(__name__)

LOOK_SECONDS = 60  # between two looks at a queue in which nothing is late
REPEAT_SECONDS = 600  # between two warnings

_look_again_at = {}  # database name -> seconds, monotonic


def look(database):
    """Have the server's log tell when hits are late, at most every ten minutes by each
    process. Never fails.

    :param str database: its name
    """
    now = time.monotonic()
    if now < _look_again_at.get(database, float("-inf")):
        return
    _look_again_at[database] = now + LOOK_SECONDS
    try:
        with sql_db.db_connect(database).cursor() as cr:
            cr.execute(queue_sql.LATE, log_exceptions=False)
            found = cr.fetchone()
    except (psycopg2.Error, sql_db.PoolError):
        _logger.info("The age of the queue is not known", exc_info=True)
        return
    if not found:
        return
    _look_again_at[database] = now + REPEAT_SECONDS
    [seconds] = found
    _logger.warning(
        "Database %s: opens and clicks have waited for %d minutes. The job that"
        " processes them does not run: see that max_cron_threads is 1 or more in Odoo's"
        " configuration, and that the scheduled action 'Trackable Emails: process hits'"
        " is active. Settings / Pipeline Tracking / Check Tracking tells more.",
        *(database, seconds // 60),
    )
