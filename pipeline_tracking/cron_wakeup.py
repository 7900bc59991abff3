"""Wake the cron job that processes hits, and warn when it does not run.

Hits are processed within seconds, without waiting for the cron job's interval. A timer
thread inserts a trigger for the job (``ir.cron.trigger``), and notifies the processes
that run cron jobs. The timer collects all hits within `DELAY`, and runs after their
requests were answered.
"""

import logging
import threading
import time
from datetime import timedelta

import psycopg2

from odoo import sql_db
from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)
from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import ODOO_NOTIFY_FUNCTION

from .tools import hit_hold_sql

_logger = logging.getLogger(__name__)

CRON = "pipeline_tracking.ir_cron_process_hits"
DELAY = 0.25  # seconds from a hit to the trigger; hits in this time share the trigger
STALE = timedelta(seconds=2)  # cron workers should start a job within this time

CHECK_SECONDS = 60  # between two checks while no hit is late
WARNING_SECONDS = 600  # between two warnings

_next_check_at = {}  # database name -> seconds, monotonic
_renotified_at = {}  # database name -> seconds, monotonic

# Insert a trigger, unless there is an unlocked trigger. Select whether a trigger was
# inserted, and whether an unlocked trigger is stale. See `trigger_now`.
_INSERT_TRIGGER = SQL(
    """
    WITH cron AS (
        SELECT cron.id
          FROM ir_cron cron
          JOIN ir_model_data data ON data.res_id = cron.id
         WHERE data.module = %(module)s AND data.name = %(name)s AND cron.active
    ), unlocked AS (
        SELECT call_at FROM ir_cron_trigger
         WHERE cron_id = (SELECT id FROM cron)
           AND call_at <= now() AT TIME ZONE 'UTC'
           FOR KEY SHARE SKIP LOCKED
    ), inserted AS (
        INSERT INTO ir_cron_trigger (cron_id, call_at)
        SELECT id, date_trunc('second', now() AT TIME ZONE 'UTC')
          FROM cron WHERE NOT EXISTS (SELECT FROM unlocked)
     RETURNING id
    )
    SELECT EXISTS (SELECT FROM inserted),
           EXISTS (SELECT FROM unlocked
                    WHERE call_at < now() AT TIME ZONE 'UTC' - %(stale)s)
    """,
    module=CRON.partition(".")[0],
    name=CRON.partition(".")[2],
    stale=STALE,
)


class WakeupTimer:
    """Trigger the cron job after a short delay, once for all requests within the
    delay.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._requested = set()  # names of databases

    def request_run(self, database):
        """Make `trackable.hit._process` run soon. Call this after the hit is committed.

        Never raises: the hit is stored, and the cron job processes it at its next
        interval at the latest.

        :param str database: name of the database
        """
        with self._lock:
            if database in self._requested:
                return
            try:
                # Not a daemon thread: an ending process waits for the timer.
                threading.Timer(DELAY, self._trigger, [database]).start()
            except RuntimeError:  # no thread can be started
                _logger.exception("The job that processes hits could not be woken")
            else:
                self._requested.add(database)

    def _trigger(self, database):
        with self._lock:
            # Allow a new timer now: this run may miss hits that are committed later.
            self._requested.discard(database)
        trigger_now(database)


wakeup_timer = WakeupTimer()


def trigger_now(database):
    """Trigger the cron job, with one trigger for all waiting hits. A database error is
    logged: the hits are stored, and the job runs at its interval.

    1. A locked trigger does not count: the running job will delete this trigger, and
       may have missed the newest hits. Insert a new trigger. The statement runs in a
       new transaction, so that it sees the current triggers.
    2. An unlocked trigger older than `STALE` shows that the workers were notified while
       no worker could start the job. Notify the workers again.

    :param str database: name of the database
    """
    try:
        _insert_trigger(database)
    except (psycopg2.Error, sql_db.PoolError):
        _logger.exception("The job that processes hits could not be woken")
    else:
        warn_if_stalled(database)


def _insert_trigger(database):
    """Insert a trigger and notify the cron workers, by the rules of `trigger_now`.

    The statement is repeated after a concurrency error: the job may delete a trigger
    while the statement reads it.

    :param str database: name of the database
    :raise psycopg2.Error:
    :raise sql_db.PoolError:
    """
    for attempt in range(1, MAX_TRIES_ON_CONCURRENCY_FAILURE + 1):
        try:
            with sql_db.db_connect(database).cursor() as cr:
                cr.execute(_INSERT_TRIGGER, log_exceptions=False)
                is_inserted, is_stale = cr.fetchone()
                if is_inserted or (is_stale and _may_notify_again(database)):
                    cr.postcommit.add(lambda: notify_cron_workers(database))
            return
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            if attempt == MAX_TRIES_ON_CONCURRENCY_FAILURE:
                raise


def notify_cron_workers(database):
    """Notify the processes that run cron jobs, as `ir.cron._notifydb` does.

    :param str database: name of the database whose cron job is to run
    :raise psycopg2.Error:
    """
    query = SQL(
        "SELECT %s('cron_trigger', %s)", SQL.identifier(ODOO_NOTIFY_FUNCTION), database
    )
    with sql_db.db_connect("postgres").cursor() as cr:
        cr.execute(query)


def notify_cron_workers_later(database, seconds):
    """Notify the processes that run cron jobs when a future trigger becomes due.

    Odoo does not notify the processes of future triggers: they look for triggers about
    once a minute. If this process ends before the trigger is due, the job starts when
    the other processes next look.

    :param str database: name of the database with the trigger
    :param float seconds: the time from now until the trigger is due
    """
    timer = threading.Timer(seconds, _notify_cron_workers_or_log, [database])
    timer.daemon = True
    timer.start()


def _notify_cron_workers_or_log(database):
    try:
        notify_cron_workers(database)
    except (psycopg2.Error, sql_db.PoolError):
        _logger.info("Cron workers could not be notified", exc_info=True)


def _may_notify_again(database):
    """Return whether enough time has passed since this process notified the workers of
    a stale trigger. In a backlog, each request finds a trigger that waits for the
    running job.
    """
    now = time.monotonic()
    renotified_at = _renotified_at.get(database, float("-inf"))
    if now - renotified_at < STALE.total_seconds():
        return False
    _renotified_at[database] = now
    return True


def warn_if_stalled(database):
    """Warn in the log when hits are not being processed, at most every ten minutes per
    process. Never raises.

    The cron job cannot give this warning: the job itself is not running.

    :param str database: name of the database
    """
    now = time.monotonic()
    if now < _next_check_at.get(database, float("-inf")):
        return
    _next_check_at[database] = now + CHECK_SECONDS
    try:
        with sql_db.db_connect(database).cursor() as cr:
            cr.execute(hit_hold_sql.LATE, log_exceptions=False)
            late_hit = cr.fetchone()
    except (psycopg2.Error, sql_db.PoolError):
        _logger.info("The age of the queue could not be read", exc_info=True)
        return
    if not late_hit:
        return
    _next_check_at[database] = now + WARNING_SECONDS
    [seconds] = late_hit
    _logger.warning(
        "Database %s: opens and clicks have waited for %d minutes. The cron job that"
        " processes them does not run. Set max_cron_threads to 1 or more in Odoo's"
        " configuration file, and activate the scheduled action 'Email Tracking:"
        " process opens and clicks'. For details, choose Check Tracking in Settings /"
        " Email Tracking.",
        *(database, seconds // 60),
    )
