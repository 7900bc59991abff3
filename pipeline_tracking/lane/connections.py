"""Connections for the lane: kept, in autocommit mode, few, and a minute at the most, as
long as there are requests.

Not Odoo's pool: it takes back the settings of a connection before each use, which is a
round trip, and as long as recording a hit takes.
"""

import logging
import threading
import time

import psycopg2

from odoo.sql_db import connection_info_for

from ..tools import hit_append_sql

_logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 8  # of a process, to all databases; PostgreSQL has 100, as it comes
LIFETIME = 60  # seconds; what is new is known after that: another key, another server
PATIENCE = 5  # seconds: for a new connection, one of those in use, or a dead network

_prepare_open, _open = hit_append_sql.prepare(
    "pipeline_tracking_open", hit_append_sql.APPEND, hit_append_sql.PARAMETERS
)
_prepare_follow, _follow = hit_append_sql.prepare(
    "pipeline_tracking_follow", hit_append_sql.FOLLOW, hit_append_sql.FOLLOW_PARAMETERS
)


class Unavailable(Exception):
    """A database cannot be used at the moment."""


class Unreachable(Unavailable):
    """There is no connection to be had: it may have another name by now."""


class NotInstalled(Exception):
    """A database has no tables of ours, or those of another version."""


class Session:
    """A connection, and what it knows of its database.

    It stays with that database whatever becomes of names: PostgreSQL does not let one
    be dropped or renamed while there are connections, so they are ended before.

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
        self._end = time.monotonic() + LIFETIME
        try:
            self._connection.autocommit = True
            self._cursor = self._connection.cursor()
            # One plan is kept. Made while the queue was empty, it would read all of it,
            # also when it is long.
            self._cursor.execute("SET enable_seqscan = off")
            self._cursor.execute("SET plan_cache_mode = force_generic_plan")
            self._cursor.execute(_prepare_open)
            self._cursor.execute(_prepare_follow)
            self._cursor.execute("SELECT id, secret FROM trackable_key")
            self.keys = {key: secret.encode() for key, secret in self._cursor}
        except psycopg2.Error as error:
            self.close()
            if isinstance(error, psycopg2.ProgrammingError):
                raise NotInstalled(f"{database}: {error}") from error
            raise

    def record_open(self, token, request):
        """Append an open.

        :param tracking_token.Token token: verified
        :param dict request: from hit_request
        :return: whether it was appended: the token's email may be gone
        :rtype: bool
        :raise psycopg2.Error:
        """
        self._execute(_open, token, request)
        return bool(self._cursor.rowcount)

    def record_click(self, token, request):
        """Append a click, and tell where it leads.

        :return: the URL, and whether the click was appended; or None, where the link
            leads to a file, or is gone: then nothing was
        :rtype: tuple[str, bool] | None
        :raise psycopg2.Error:
        """
        self._execute(_follow, token, request)
        return self._cursor.fetchone()

    def _execute(self, statement, token, request):
        try:
            self._cursor.execute(
                statement, hit_append_sql.prepare_values(token, request)
            )
        except psycopg2.Error:
            self.close()  # whatever it was: a new one may be spared it
            raise

    def is_old(self):
        return time.monotonic() > self._end

    @property
    def closed(self):
        return bool(self._connection.closed)

    def close(self):
        self._connection.close()


class Pool:
    """Sessions, each used by one request at a time.

    There are none before the first request: the server has forked by then.
    """

    def __init__(self):
        self._changed = threading.Condition()
        self._idle = []  # those used last come last
        self._used = 0
        self._without_us = {}  # name of a database -> when to look again

    def run(self, database, use):
        """Do something with a session. Where one that was kept fails, it may have been
        the connection: then it is done again with a new one. Should the first time
        have succeeded after all, a hit is there twice, and not lost.

        :param str database: name
        :param use: called with a `Session`
        :return: what it gives; or None, where the addon is not installed
        :raise Unavailable:
        """
        if time.monotonic() < self._without_us.get(database, 0):
            return None
        session = self._take(database)
        try:
            if session:
                try:
                    return use(session)
                except psycopg2.Error as error:
                    _logger.info("A connection to %s is given up: %s", database, error)
                    self._forget(database)
            session = Session(database)
            return use(session)
        except NotInstalled as error:
            _logger.info("Left to the controllers for a while: %s", error)
            self._without_us[database] = time.monotonic() + LIFETIME
            return None
        except psycopg2.Error as error:
            raise Unavailable(f"{database}: {error}") from error
        finally:
            self._give_back(session)

    def _take(self, database):
        """The session of a database that was used last, for the caller alone; and room
        for a new one, where there is none.

        :rtype: Session | None
        :raise Unavailable: all are in use, for all of our patience
        """
        with self._changed:
            if not self._changed.wait_for(self._has_room, PATIENCE):
                raise Unavailable(f"{MAX_CONNECTIONS} connections are in use")
            self._used += 1
            self._close([session for session in self._idle if session.is_old()])
            for session in reversed(self._idle):
                if session.database == database:
                    self._idle.remove(session)
                    return session
            surplus = self._used + len(self._idle) - MAX_CONNECTIONS
            self._close(self._idle[: max(surplus, 0)])
        return None

    def _has_room(self):
        return self._used < MAX_CONNECTIONS

    def _give_back(self, session):
        with self._changed:
            self._used -= 1
            if session and not session.closed:
                self._idle.append(session)
            self._changed.notify()

    def _forget(self, database):
        """Close the sessions of a database that are not in use."""
        with self._changed:
            self._close([one for one in self._idle if one.database == database])

    def _close(self, sessions):
        """Close some of those that are not in use; to be called with the lock."""
        for session in sessions:
            self._idle.remove(session)
            session.close()
