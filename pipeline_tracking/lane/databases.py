"""Which database a request without a session is for."""

import time

import psycopg2

from odoo import http
from odoo.service.db import list_dbs
from odoo.tools import config

from ..tools import token
from .connections import Unavailable

MODULE = "pipeline_tracking"
LIST_SECONDS = 10  # how long the list of databases is taken to be right
MAX_HOSTS = 1000  # anybody can name any host
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
        self._names = []
        self._by_host = {}
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
        found = self._by_host.get(host)
        if found is None:
            if len(self._by_host) >= MAX_HOSTS:
                self._by_host = {}
            found = self._by_host[host] = http.db_filter(self._names, host=host)
        return found

    def _list(self):
        try:
            names = list_dbs(force=True)
        except psycopg2.OperationalError as error:
            if not self._names:
                raise Unavailable(f"the databases cannot be listed: {error}") from error
            return  # the same as before, as far as we know
        self._names, self._by_host = names, {}
        self._listed_until = time.monotonic() + LIST_SECONDS

    def of_request(self, host, text):
        """The database of a request; the one that its token names, where the host has
        several.

        :param str host:
        :param str text: of the token, not verified: who signs for a database is checked
            with that one's keys
        :return: its name and whether only the token tells; or None
        :rtype: tuple[str, bool] | None
        :raise Unavailable: as `of_host`
        """
        names = self.of_host(host)
        if len(names) == 1:
            return names[0], False
        named = names and token.named_database(text)
        return (named, True) if named in names else None

    def name_for(self, host, database):
        """What a token has to name, for a request to the host to be understood.

        :param str host: of tracked URLs
        :param str database: its own name
        :return: that name, or "" where the host tells, or nothing would
        :rtype: str
        """
        try:
            names = self.of_host(host)
        except Unavailable:
            return database  # to be safe
        return database if len(names) > 1 and database in names else ""


databases = Databases()
