"""Which database a request without a session is for."""

import time

import psycopg2

from odoo import http
from odoo.service.db import list_dbs
from odoo.sql_db import PoolError
from odoo.tools import config

from ..tools import tracking_token
from .connections import Unavailable

MODULE = "pipeline_tracking"
LIST_SECONDS = 10  # how long the list of databases is taken to be right
# Of what is kept by host: anybody can name any host, of any length.
MAX_HOSTS, MAX_HOST = 1000, 255  # RFC 1035, section 2.3.4
HEADER = "HTTP_X_ODOO_DATABASE"


def is_server_wide():
    """Whether there is a lane in this server's processes."""
    return MODULE in config["server_wide_modules"]


class Databases:
    """The databases that Odoo offers a host: by its filter, or its configuration.

    Odoo lists them over a new connection with each request, which takes ten times as
    long as the rest of the lane.
    """

    def __init__(self):
        self._listed = [], {}  # all names; host -> those it is offered
        self.forget()

    def forget(self):
        """Have them listed again, as soon as that is possible."""
        self._listed_until = float("-inf")

    def of_host(self, host):
        """
        :param str host: as the request names it
        :rtype: list[str]
        :raise Unavailable: they cannot be listed, and never were
        """
        if time.monotonic() > self._listed_until:
            self._list()
        names, by_host = self._listed
        found = by_host.get(host)
        if found is None:
            found = http.db_filter(names, host=host)
            if len(host) <= MAX_HOST and len(by_host) < MAX_HOSTS:
                by_host[host] = found
        return found

    def _list(self):
        try:
            names = list_dbs(force=True)
        except (psycopg2.Error, PoolError) as error:
            names, reason = [], error
        else:
            reason = "there is none"  # or Odoo has logged why it saw none
        if names:
            self._listed = names, {}
            self._listed_until = time.monotonic() + LIST_SECONDS
        elif not self._listed[0]:
            raise Unavailable(f"The databases cannot be listed: {reason}")
        # Else they are the same as before, as far as we know.

    def of_request(self, host, text):
        """The database of a request; the one that its token names, where the host has
        several.

        :param str host:
        :param str text: that ends with the token, not verified: who signs for a
            database is checked with that one's keys
        :return: its name and whether only the token tells; or None
        :rtype: tuple[str, bool] | None
        :raise Unavailable: as `of_host`
        """
        names = self.of_host(host)
        if len(names) == 1:
            return names[0], False
        # Before the token there can be a path.
        named = names and tracking_token.read_database_name(text.rpartition("/")[2])
        return (named, True) if named in names else None

    def name_for(self, host, database):
        """What a token has to name, for a request to the host to be understood.

        :param str host: of tracked URLs
        :param str database: its own name
        :return: that name, or "" where the host tells; a name that is not needed does
            no harm
        :rtype: str
        """
        try:
            return "" if self.of_host(host) == [database] else database
        except Unavailable:
            return database


databases = Databases()
