"""Having what is queued processed soon: the job is given a trigger, and those who run
jobs are told. Once for all hits of a moment, and not by the request that made one.
"""

import logging
import threading
import time
from datetime import timedelta

import psycopg2

from odoo import sql_db
from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import ODOO_NOTIFY_FUNCTION

from .tools import hit_hold_sql

_logger = logging.getLogger(__name__)

CRON = "pipeline_tracking.ir_cron_process_hits"
DELAY = 0.25  # seconds, after the first hit of a moment
STALE = timedelta(seconds=2)  # age of a trigger that a worker should have taken up

LOOK_SECONDS = 60  # between two looks at a queue in which nothing is late
REPEAT_SECONDS = 600  # between two warnings

_look_again_at = {}  # database name -> seconds, monotonic
_last_repeated = {}  # database name -> seconds, monotonic

_TRIGGER = SQL(
    """
    WITH cron AS (
        SELECT cron.id
          FROM ir_cron cron
          JOIN ir_model_data data ON data.res_id = cron.id
         WHERE data.module = %(module)s AND data.name = %(name)s AND cron.active
    ), free AS (
        SELECT call_at FROM ir_cron_trigger
         WHERE cron_id = (SELECT id FROM cron)
           AND call_at <= now() AT TIME ZONE 'UTC'
           FOR KEY SHARE SKIP LOCKED
    ), made AS (
        INSERT INTO ir_cron_trigger (cron_id, call_at)
        SELECT id, date_trunc('second', now() AT TIME ZONE 'UTC')
          FROM cron WHERE NOT EXISTS (SELECT FROM free)
     RETURNING id
    )
    SELECT EXISTS (SELECT FROM made),
           EXISTS (SELECT FROM free
                    WHERE call_at < now() AT TIME ZONE 'UTC' - %(stale)s)
    """,
    module=CRON.partition(".")[0],
    name=CRON.partition(".")[2],
    stale=STALE,
)


class WakeupTimer:
    """Wakes the job soon after it was asked to, once for however many ask meanwhile."""

    def __init__(self):
        self._lock = threading.Lock()
        self._asked = set()

    def request_run(self, database):
        """Have `trackable.hit._process` run soon. To be called after the hit was
        committed. Never fails: the hit is safe, and the job runs at its interval.

        :param str database: its name
        """
        with self._lock:
            if database in self._asked:
                return
            try:
                # No daemon: a process that ends waits for it.
                threading.Timer(DELAY, self._trigger, [database]).start()
            except RuntimeError:  # no thread can be had
                _logger.exception("The job that processes hits could not be woken")
            else:
                self._asked.add(database)

    def _trigger(self, database):
        with self._lock:
            # Who asks from now on may be too late for this time.
            self._asked.discard(database)
        trigger_now(database)


wakeup_timer = WakeupTimer()


def trigger_now(database):
    """Give the job a trigger, one however many hits are waiting. A database error is
    logged: the hits are safe, and the job runs at its interval.

    A trigger that a running job is about to delete is locked, and seen as such only by
    a snapshot taken now. Without a trigger that is free, that job may have missed the
    last hits. A free one that nobody took up was told to workers that could not start
    the job then: they are told again.

    :param str database: its name
    """
    try:
        with sql_db.db_connect(database).cursor() as cr:
            cr.execute(_TRIGGER, log_exceptions=False)
            is_made, is_stale = cr.fetchone()
            if is_made or (is_stale and _may_repeat(database)):
                cr.postcommit.add(lambda: notify_cron_workers(database))
    except (psycopg2.Error, sql_db.PoolError):
        _logger.exception("The job that processes hits could not be woken")
    else:
        warn_if_stalled(database)


def notify_cron_workers(database):
    """Tell those who run jobs, as `ir.cron._notifydb` does.

    :param str database: that has a job to run
    :raise psycopg2.Error:
    """
    query = SQL(
        "SELECT %s('cron_trigger', %s)", SQL.identifier(ODOO_NOTIFY_FUNCTION), database
    )
    with sql_db.db_connect("postgres").cursor() as cr:
        cr.execute(query)


def notify_cron_workers_later(database, seconds):
    """Tell them when a trigger is due: of those in the future Odoo tells them nothing,
    and they look for themselves about once a minute. Should this process end before,
    they still do.

    :param str database: that has such a trigger
    :param float seconds: from now
    """
    timer = threading.Timer(seconds, _notify_cron_workers_or_log, [database])
    timer.daemon = True
    timer.start()


def _notify_cron_workers_or_log(database):
    try:
        notify_cron_workers(database)
    except (psycopg2.Error, sql_db.PoolError):
        _logger.info("Those who run jobs could not be told", exc_info=True)


def _may_repeat(database):
    """Whether the last time, in this process, is long enough ago: under a backlog the
    trigger that waits for the job to end is found again and again.
    """
    now = time.monotonic()
    last = _last_repeated.get(database, float("-inf"))
    if now - last < STALE.total_seconds():
        return False
    _last_repeated[database] = now
    return True


def warn_if_stalled(database):
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
            cr.execute(hit_hold_sql.LATE, log_exceptions=False)
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
