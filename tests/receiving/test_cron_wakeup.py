"""Hits wake the cron job that processes them, once for all hits of a moment."""

import logging
import threading

import psycopg2
import pytest

from odoo.tools import SQL

from odoo.addons.pipeline_tracking import cron_wakeup

from ..helpers.odoo_server import databases, live_odoo, wait_until

CRON = """
SELECT trigger.call_at <= now() AT TIME ZONE 'UTC' FROM ir_cron_trigger trigger
  JOIN ir_model_data data ON data.res_id = trigger.cron_id
 WHERE data.model = 'ir.cron' AND data.name = 'ir_cron_process_hits'
"""
SLEEPING = """
SELECT count(*)::integer FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event = 'PgSleep'
"""


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live:
        yield live


@pytest.fixture(autouse=True)
def no_trigger(odoo):
    odoo.query("DELETE FROM ir_cron_trigger RETURNING 1")


@pytest.fixture
def notified(monkeypatch):
    """Collect the databases that cron workers are notified of, instead of notifying."""
    databases_notified = []
    monkeypatch.setattr(cron_wakeup, "notify_cron_workers", databases_notified.append)
    monkeypatch.setattr(cron_wakeup, "_renotified_at", {})
    return databases_notified


def test_several_wakeups_insert_one_trigger(odoo, notified):
    for _time in range(3):
        cron_wakeup.trigger_now(odoo.name)
    assert odoo.query(CRON) == [(True,)]
    assert notified == [odoo.name]


def test_workers_are_notified_again_of_a_stale_trigger(odoo, notified):
    cron_wakeup.trigger_now(odoo.name)
    odoo.query(
        "UPDATE ir_cron_trigger SET call_at = call_at - interval '5 s' RETURNING 1"
    )
    for _time in range(3):
        cron_wakeup.trigger_now(odoo.name)
    assert odoo.query(CRON) == [(True,)]
    assert notified == [odoo.name, odoo.name]


def test_locked_trigger_does_not_count(odoo, notified):
    cron_wakeup.trigger_now(odoo.name)
    with odoo.transaction() as cursor:
        cursor.execute("DELETE FROM ir_cron_trigger")
        cron_wakeup.trigger_now(odoo.name)
    assert odoo.query(CRON) == [(True,), (True,)]
    assert notified == [odoo.name, odoo.name]


def test_inactive_or_deleted_job_gets_no_trigger(odoo, notified):
    cron = "id = (SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_process_hits')"
    odoo.query(f"UPDATE ir_cron SET active = false WHERE {cron} RETURNING 1")
    cron_wakeup.trigger_now(odoo.name)
    assert not odoo.query(CRON)
    odoo.query(f"UPDATE ir_cron SET active = true WHERE {cron} RETURNING 1")
    cron_wakeup.trigger_now(odoo.name)
    assert odoo.query(CRON)
    odoo.query("DELETE FROM ir_cron_trigger RETURNING 1")
    rename = "UPDATE ir_model_data SET name = '{}' WHERE name = '{}' RETURNING 1"
    odoo.query(rename.format("gone", "ir_cron_process_hits"))
    cron_wakeup.trigger_now(odoo.name)
    assert odoo.query("SELECT count(*) FROM ir_cron_trigger") == [(0,)]
    odoo.query(rename.format("ir_cron_process_hits", "gone"))


def test_unavailable_database_is_logged(caplog):
    with caplog.at_level(logging.ERROR, logger="odoo.addons.pipeline_tracking"):
        cron_wakeup.trigger_now(databases.new_name("none"))
    assert len(caplog.records) == 1
    assert isinstance(caplog.records[0].exc_info[1], psycopg2.Error)


def test_requests_within_the_delay_share_a_wakeup(monkeypatch):
    woken = []
    monkeypatch.setattr(cron_wakeup, "trigger_now", woken.append)
    monkeypatch.setattr(cron_wakeup, "DELAY", 0.5)
    wakeup_timer = cron_wakeup.WakeupTimer()

    def request():
        for name in ("first", "second"):
            wakeup_timer.request_run(name)

    threads = [threading.Thread(target=request) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: len(woken) == 2, 5)
    assert sorted(woken) == ["first", "second"]


def test_request_after_a_thread_failed_to_start(monkeypatch):
    woken = []
    monkeypatch.setattr(cron_wakeup, "trigger_now", woken.append)
    wakeup_timer = cron_wakeup.WakeupTimer()

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        wakeup_timer.request_run("first")
    wakeup_timer.request_run("first")
    wait_until(lambda: woken == ["first"], 5)


def test_request_during_a_wakeup_gets_another_wakeup(monkeypatch):
    """The running job may not see a hit that is committed during the wakeup."""
    wakeup_timer = cron_wakeup.WakeupTimer()
    woken = []

    def wake(database):
        woken.append(database)
        if len(woken) == 1:
            wakeup_timer.request_run(database)

    monkeypatch.setattr(cron_wakeup, "trigger_now", wake)
    wakeup_timer.request_run("first")
    wait_until(lambda: len(woken) == 2, 5)


def test_trigger_deleted_during_the_statement(odoo, notified, monkeypatch, caplog):
    """The statement reads a trigger that the job deletes, and fails. The retry inserts
    another trigger.
    """
    cron_wakeup.trigger_now(odoo.name)
    code = cron_wakeup._INSERT_TRIGGER.code
    slow = SQL(
        code.replace("SELECT cron.id\n", "SELECT cron.id, pg_sleep(1)\n", 1),
        *cron_wakeup._INSERT_TRIGGER.params,
    )
    assert slow.code != code
    monkeypatch.setattr(cron_wakeup, "_INSERT_TRIGGER", slow)
    thread = threading.Thread(target=cron_wakeup.trigger_now, args=[odoo.name])
    with caplog.at_level(logging.ERROR, logger="odoo.addons.pipeline_tracking"):
        thread.start()
        wait_until(lambda: odoo.query(SLEEPING) == [(1,)], 10)
        odoo.query("DELETE FROM ir_cron_trigger RETURNING 1")
        thread.join()
    assert not caplog.records
    assert odoo.query(CRON) == [(True,)]
