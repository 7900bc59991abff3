"""Find the database of a request without a session."""

import time

import psycopg2

from odoo import http
from odoo.service.db import list_dbs
from odoo.sql_db import PoolError
from odoo.tools import config

from ..tools import tracking_token
from .connections import Unavailable

MODULE = "pipeline_tracking"
LIST_SECONDS = 10  # lifetime of the cached list of databases
# Limits of the cache by host: a request can name any host, of any length.
MAX_HOSTS = 1000
MAX_HOST_LENGTH = 255  # RFC 1035, section 2.3.4
DATABASE_HEADER = "HTTP_X_ODOO_DATABASE"


def is_server_wide():
    """Return whether the addon is server-wide, and so whether the lane exists."""
    return MODULE in config["server_wide_modules"]


class Databases:
    """The databases that Odoo offers to a host, by ``dbfilter`` or ``db_name``.

    The list is cached. Odoo lists databases over a new connection for each request,
    which takes ten times as long as the rest of the lane.
    """

    def __init__(self):
        # All names, and host -> names that the host is offered. A single attribute, so
        # that a thread never reads the two from different lists.
        self._cached_lists = [], {}
        self.expire_list()

    def expire_list(self):
        """Expire the cached list: the next request lists the databases again."""
        self._cached_until = float("-inf")

    def list_for_host(self, host):
        """Return the names of the databases that Odoo offers to a host.

        :param str host: the request's Host header
        :rtype: list[str]
        :raise Unavailable: the databases have never been listed
        """
        if time.monotonic() > self._cached_until:
            self._list_databases()
        names, names_by_host = self._cached_lists
        host_names = names_by_host.get(host)
        if host_names is None:
            host_names = http.db_filter(names, host=host)
            if len(host) <= MAX_HOST_LENGTH and len(names_by_host) < MAX_HOSTS:
                names_by_host[host] = host_names
        return host_names

    def _list_databases(self):
        """Cache the names of all databases. If they cannot be listed, keep the previous
        list.

        :raise Unavailable: there is no previous list
        """
        try:
            names = list_dbs(force=True)
        except (psycopg2.Error, PoolError) as error:
            names, reason = [], error
        else:
            reason = "there is none"  # or Odoo has logged an error
        if names:
            self._cached_lists = names, {}
            self._cached_until = time.monotonic() + LIST_SECONDS
        elif not self._cached_lists[0]:
            raise Unavailable(f"The databases cannot be listed: {reason}")

    def find_for_request(self, host, text):
        """Find the database of a request: the host's only database, or the database
        that the token names.

        :param str host: the request's Host header
        :param str text: ends with the token. The token is not verified yet: the keys of
            the database verify it later.
        :return: the database's name, and whether the name comes from the token; or None
        :rtype: tuple[str, bool] | None
        :raise Unavailable: see `list_for_host`
        """
        names = self.list_for_host(host)
        if len(names) == 1:
            return names[0], False
        # The text can have a path before the token.
        token_database = names and tracking_token.read_database_name(
            text.rpartition("/")[2]
        )
        return (token_database, True) if token_database in names else None

    def get_name_for_token(self, host, database):
        """Return the database name that tokens must contain, so that requests to the
        host reach the database.

        :param str host: the host of tracked URLs
        :param str database: name of the database that signs the tokens
        :return: the name, or "" if the host has this database only. If the databases
            cannot be listed, the name: a superfluous name does no harm.
        :rtype: str
        """
        try:
            return "" if self.list_for_host(host) == [database] else database
        except Unavailable:
            return database


databases = Databases()
