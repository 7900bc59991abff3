"""Connections of the lane to databases: few, in autocommit mode, and reused for a
minute.

The lane does not use Odoo's pool, because it resets the settings of a connection before
each use. This round trip takes as long as recording a hit.
"""

import logging
import threading
import time

import psycopg2

from odoo.sql_db import connection_info_for

from ..tools import hit_append_sql

_logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 8  # of a process, to all databases; PostgreSQL's default limit is 100
# Seconds that a connection is reused. Then the lane reads new keys, and connects to a
# new server.
LIFETIME = 60
# Seconds to wait for a new connection, for one that is in use, or for a dead network.
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
    """A database cannot be connected to: it may have another name by now."""


class NotInstalled(Exception):
    """A database does not have this addon's tables, or those of another version."""


class LaneConnection:
    """A connection to a database, with prepared statements and the database's keys.

    It stays with its database: PostgreSQL refuses to drop or rename a database that has
    connections, so an administrator ends them first.

    :param str database: its name
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
            # PostgreSQL reuses one plan. A plan made while the queue was empty would
            # scan all of it, also when it is long.
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

        :param tracking_token.Token token: verified
        :param dict request: from `request_info.describe_request`
        :return: whether it was appended: the token's email may be deleted
        :rtype: bool
        :raise psycopg2.Error:
        """
        self._execute(_RECORD_OPEN, token, request)
        return bool(self._cursor.rowcount)

    def record_click(self, token, request):
        """Append a click to the queue, and return the destination of the link.

        :param tracking_token.Token token: verified
        :param dict request: from `request_info.describe_request`
        :return: the URL, and whether the click was appended. None, and nothing is
            appended, if the link leads to a file or is deleted or disabled.
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
            self.close()  # another connection may work
            raise

    def is_expired(self):
        return time.monotonic() > self._expires_at

    @property
    def closed(self):
        return bool(self._connection.closed)

    def close(self):
        self._connection.close()


class ConnectionPool:
    """Connections that are each used by one request at a time.

    The pool opens none before the first request: the server has forked by then.
    """

    def __init__(self):
        self._changed = threading.Condition()
        self._idle_connections = []  # the last used comes last
        self._used_count = 0
        self._not_installed_until = {}  # name of a database -> when to look again

    def call_with_connection(self, database, function):
        """Call a function with a connection to a database.

        If it fails with a reused connection, the connection may be the reason: the
        function is called again with a new one. A hit that was recorded the first time
        is then recorded twice, and not lost.

        :param str database: name
        :param function: takes a `LaneConnection`
        :return: what the function returns; None if the addon is not installed
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
                    _logger.info("A connection to %s is given up: %s", database, error)
                    self._close_idle_of(database)
            connection = LaneConnection(database)
            return function(connection)
        except NotInstalled as error:
            _logger.info("Left to the controllers for a while: %s", error)
            self._not_installed_until[database] = time.monotonic() + LIFETIME
            return None
        except psycopg2.Error as error:
            raise Unavailable(f"{database}: {error}") from error
        finally:
            self._release(connection)

    def _acquire(self, database):
        """Take the idle connection to a database that was used last. If there is none,
        make room for a new one.

        :rtype: LaneConnection | None
        :raise Unavailable: all connections are in use, for `PATIENCE` seconds
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
        """Make a connection idle again.

        :param LaneConnection | None connection: None if it could not be opened
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
        """Close some of the idle connections. The caller holds the lock."""
        for connection in connections:
            self._idle_connections.remove(connection)
            connection.close()
