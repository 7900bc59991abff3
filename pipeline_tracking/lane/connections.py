"""Manage the lane's connections to databases: a few, in autocommit mode, each reused
for a minute.

The lane does not use Odoo's connection pool. Odoo's pool resets the settings of a
connection before each use, and this round trip takes as long as recording a hit.
"""

import logging
import threading
import time

import psycopg2

from odoo.sql_db import connection_info_for

from ..tools import hit_append_sql

_logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 8  # per process, for all databases; PostgreSQL's default is 100
# Seconds that a connection is reused. A new connection reads new keys, and reaches a
# database server that has moved.
LIFETIME = 60
# Seconds to wait for a new connection, for a free connection, or for a dead network.
PATIENCE = 5

_PREPARE_OPEN, _RECORD_OPEN = hit_append_sql.prepare(
    "pipeline_tracking_open", hit_append_sql.APPEND, hit_append_sql.PARAMETERS
)
_PREPARE_FOLLOW, _RECORD_CLICK = hit_append_sql.prepare(
    "pipeline_tracking_follow", hit_append_sql.FOLLOW, hit_append_sql.FOLLOW_PARAMETERS
)


class Unavailable(Exception):
    """A database cannot be used at the moment."""


class Unreachable(Unavailable):
    """The lane cannot connect to a database, which may have been renamed."""


class NotInstalled(Exception):
    """A database lacks this addon's tables, or has tables of another version."""


class LaneConnection:
    """A connection to a database, with prepared statements and the database's keys.

    The connection cannot reach a renamed database by mistake: PostgreSQL refuses to
    drop or rename a database that has connections.

    :param str database: the database's name
    :ivar dict[int, bytes] keys: key id -> secret
    :raise Unreachable:
    :raise NotInstalled:
    :raise psycopg2.Error:
    """

    def __init__(self, database):
        self.database = database
        _name, settings = connection_info_for(database)
        settings.setdefault("connect_timeout", PATIENCE)
        settings.setdefault("tcp_user_timeout", PATIENCE * 1000)
        try:
            self._connection = psycopg2.connect(**settings)
        except psycopg2.Error as error:
            raise Unreachable(f"{database}: {error}") from error
        self._expires_at = time.monotonic() + LIFETIME
        try:
            self._connection.autocommit = True
            self._cursor = self._connection.cursor()
            # PostgreSQL reuses the first plan. A plan made for an empty queue would
            # scan the whole queue, even after the queue has grown.
            self._cursor.execute("SET enable_seqscan = off")
            self._cursor.execute("SET plan_cache_mode = force_generic_plan")
            self._cursor.execute(_PREPARE_OPEN)
            self._cursor.execute(_PREPARE_FOLLOW)
            self._cursor.execute("SELECT id, secret FROM trackable_key")
            self.keys = {key_id: secret.encode() for key_id, secret in self._cursor}
        except psycopg2.Error as error:
            self.close()
            if isinstance(error, psycopg2.ProgrammingError):
                raise NotInstalled(f"{database}: {error}") from error
            raise

    def record_open(self, token, request):
        """Append an open to the queue.

        :param tracking_token.Token token: a verified token
        :param dict request: from `request_info.describe_request`
        :return: whether the open was appended: see `hit_append_sql.APPEND`
        :rtype: bool
        :raise psycopg2.Error:
        """
        self._execute(_RECORD_OPEN, token, request)
        return bool(self._cursor.rowcount)

    def record_click(self, token, request):
        """Append a click to the queue, and return the destination of the link.

        :param tracking_token.Token token: a verified token
        :param dict request: from `request_info.describe_request`
        :return: the URL, and whether the click was appended. If the link leads to a
            file, or is deleted or disabled: None, and nothing is appended.
        :rtype: tuple[str, bool] | None
        :raise psycopg2.Error:
        """
        self._execute(_RECORD_CLICK, token, request)
        return self._cursor.fetchone()

    def _execute(self, statement, token, request):
        try:
            self._cursor.execute(
                statement, hit_append_sql.prepare_values(token, request)
            )
        except psycopg2.Error:
            self.close()  # the next request tries a new connection
            raise

    def is_expired(self):
        return time.monotonic() > self._expires_at

    @property
    def closed(self):
        return bool(self._connection.closed)

    def close(self):
        self._connection.close()


class ConnectionPool:
    """A pool of connections. A connection serves one request at a time.

    The pool opens no connection before the first request, so that forked processes
    share none.
    """

    def __init__(self):
        self._changed = threading.Condition()
        self._idle_connections = []  # the most recently used connection is last
        self._used_count = 0
        self._not_installed_until = {}  # name of a database -> time to try again

    def call_with_connection(self, database, function):
        """Call a function with a connection to a database.

        If a call with a reused connection fails, the connection may be broken: the
        function is called again with a new connection. A hit that the first call
        recorded is then recorded twice, but no hit is lost.

        :param str database: the database's name
        :param function: takes a `LaneConnection`
        :return: the function's result; None if the addon is not installed
        :raise Unavailable:
        """
        if time.monotonic() < self._not_installed_until.get(database, 0):
            return None
        connection = self._acquire(database)
        try:
            if connection:
                try:
                    return function(connection)
                except psycopg2.Error as error:
                    _logger.info(
                        "Closing broken connections to %s: %s", database, error
                    )
                    self._close_idle_of(database)
            connection = LaneConnection(database)
            return function(connection)
        except NotInstalled as error:
            _logger.info("Requests go to the controllers for a minute: %s", error)
            self._not_installed_until[database] = time.monotonic() + LIFETIME
            return None
        except psycopg2.Error as error:
            raise Unavailable(f"{database}: {error}") from error
        finally:
            self._release(connection)

    def _acquire(self, database):
        """Take the most recently used idle connection to a database. If there is none,
        make room for a new connection.

        :return: the connection, or None if the caller has to open a new connection
        :rtype: LaneConnection | None
        :raise Unavailable: no connection became free within `PATIENCE` seconds
        """
        with self._changed:
            if not self._changed.wait_for(self._has_room, PATIENCE):
                raise Unavailable(f"{MAX_CONNECTIONS} connections are in use")
            self._used_count += 1
            self._close_idle(
                [
                    connection
                    for connection in self._idle_connections
                    if connection.is_expired()
                ]
            )
            for connection in reversed(self._idle_connections):
                if connection.database == database:
                    self._idle_connections.remove(connection)
                    return connection
            surplus = self._used_count + len(self._idle_connections) - MAX_CONNECTIONS
            self._close_idle(self._idle_connections[: max(surplus, 0)])
        return None

    def _has_room(self):
        return self._used_count < MAX_CONNECTIONS

    def _release(self, connection):
        """Return a connection to the pool.

        :param LaneConnection | None connection: None if no connection could be opened
        """
        with self._changed:
            self._used_count -= 1
            if connection and not connection.closed:
                self._idle_connections.append(connection)
            self._changed.notify()

    def _close_idle_of(self, database):
        """Close all idle connections to a database."""
        with self._changed:
            self._close_idle(
                [
                    connection
                    for connection in self._idle_connections
                    if connection.database == database
                ]
            )

    def _close_idle(self, connections):
        """Close these idle connections. The caller must hold the lock."""
        for connection in connections:
            self._idle_connections.remove(connection)
            connection.close()
