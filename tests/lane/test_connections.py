"""The lane reuses connections, replaces broken connections, and limits their number."""

import psycopg2
import pytest

from odoo.addons.pipeline_tracking.lane import connections
from odoo.addons.pipeline_tracking.tools import tracking_token
from odoo.addons.pipeline_tracking.tools.tracking_token import Token

from ..helpers.lane_in_process import LaneApp, backends
from ..helpers.lane_requests import hits
from ..helpers.odoo_server import databases, wait_until


def test_connection_is_reused(odoo, lane_app):
    for _time in range(5):
        lane_app.ask(odoo.sent.image)
    assert len(backends(odoo)) == 1


def test_terminated_connection_is_replaced(odoo, lane_app):
    lane_app.ask(odoo.sent.image)
    (pid,) = backends(odoo)
    odoo.query(f"SELECT pg_terminate_backend({pid})")
    assert not lane_app.is_left(odoo.sent.link)
    assert len(hits(odoo)) == 2
    assert pid not in backends(odoo)


def test_expired_connection_is_replaced(odoo, lane_app, monkeypatch):
    monkeypatch.setattr(connections, "LIFETIME", -1)
    lane_app.ask(odoo.sent.image)
    before = backends(odoo)
    lane_app.ask(odoo.sent.image)
    wait_until(lambda: len(backends(odoo)) == 1, 10)
    assert not before & backends(odoo)


def test_connection_reads_new_keys_only_when_opened(odoo, lane_app):
    lane_app.ask(odoo.sent.image)
    with databases.connect(odoo.name) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trackable_key (secret) VALUES (repeat('k', 64)) RETURNING id"
        )
        [(key_id,)] = cursor.fetchall()
    opened = Token(tracking_token.OPEN, odoo.sent.email_id, odoo.sent.email_nonce)
    path = f"/t/{tracking_token.sign(opened, key_id, b'k' * 64)}.gif"
    assert lane_app.is_left(path)
    assert not LaneApp().is_left(path)


def test_number_of_connections_is_limited(odoo):
    """The pool closes the connections that were not used for the longest time."""
    pool = connections.ConnectionPool()
    opened = []

    class FakeConnection:
        closed = False

        def __init__(self, database):
            self.database = database
            opened.append(self)

        def is_expired(self):
            return False

        def close(self):
            self.closed = True

    lane_connection = connections.LaneConnection
    connections.LaneConnection = FakeConnection
    try:
        for number in range(20):
            pool.call_with_connection(f"database {number}", lambda _connection: None)
    finally:
        connections.LaneConnection = lane_connection
    open_databases = [
        connection.database for connection in opened if not connection.closed
    ]
    assert open_databases == [f"database {number}" for number in range(12, 20)]


def test_wait_for_a_connection_ends(odoo, monkeypatch):
    monkeypatch.setattr(connections, "PATIENCE", 1)
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 1)
    pool = connections.ConnectionPool()

    def use_another(_connection):
        return pool.call_with_connection(odoo.name, lambda _connection: None)

    with pytest.raises(connections.Unavailable, match="in use"):
        pool.call_with_connection(odoo.name, use_another)
    assert (
        pool.call_with_connection(odoo.name, lambda _connection: "free again")
        == "free again"
    )


def test_failing_function_is_called_twice_at_most(odoo):
    pool = connections.ConnectionPool()
    calls = []

    def fail(connection):
        calls.append(connection)
        connection.close()
        raise psycopg2.OperationalError("gone")

    pool.call_with_connection(odoo.name, lambda _connection: None)
    with pytest.raises(connections.Unavailable, match="gone"):
        pool.call_with_connection(odoo.name, fail)
    assert len(calls) == 2
    with pytest.raises(connections.Unavailable):
        pool.call_with_connection(odoo.name, fail)
    assert len(calls) == 3, "no second call with a new connection"
