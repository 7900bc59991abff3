"""A lane in this process, with something behind it that keeps what was left to it."""

import contextlib
import gc

from werkzeug.test import EnvironBuilder, run_wsgi_app

from odoo.tools import config

from odoo.addons.pipeline_tracking.lane import middleware

from ..common import BROWSER
from .lane_requests import Sent, hits
from .odoo_server import live_odoo, wait_until

LEFT = "204 LEFT TO THE CONTROLLERS"


@contextlib.contextmanager
def configured(**values):
    """Odoo's configuration with other values."""
    before = {name: config[name] for name in values}
    for name, value in values.items():
        config[name] = value
    try:
        yield
    finally:
        for name, value in before.items():
            config[name] = value


class Doors:
    """A lane, with something behind it that keeps what was left to it.

    :ivar list[dict] left: environs
    """

    def __init__(self):
        self.left = []
        self.lane = middleware.Lane(self._controllers)

    def _controllers(self, environ, start_response):
        self.left.append(environ)
        start_response(LEFT, [])
        return []

    def ask(self, path, method="GET", host="odoo.acme.example.com", **environ):
        """:return: status line, headers and body"""
        builder = EnvironBuilder(path, method=method, base_url=f"http://{host}/")
        request = {"REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": BROWSER}
        given = {**builder.get_environ(), **request, **environ}
        given = {name: value for name, value in given.items() if value is not None}
        body, status, headers = run_wsgi_app(self.lane, given)
        return status, headers, b"".join(body)

    def is_left(self, *args, **kwargs):
        """Whether a request is left to the controllers; as it is, or changed."""
        before = len(self.left)
        status, _headers, _body = self.ask(*args, **kwargs)
        assert (status == LEFT) == (len(self.left) == before + 1)
        return status == LEFT


@contextlib.contextmanager
def odoo_that_sent():
    """A database from which a tracked email was sent.

    :rtype: LiveOdoo
    """
    with live_odoo() as live:
        live.sent = Sent(live)
        yield live


@contextlib.contextmanager
def open_doors(odoo):
    """Doors to its database; with their connections gone at the end, and its hits.

    :rtype: Doors
    """
    middleware.databases.forget()
    with configured(db_name=[odoo.name], dbfilter=""):
        doors = Doors()
        yield doors
        doors.lane = None
        gc.collect()  # and its connections with it
    wait_until(lambda: not backends(odoo), 10)
    middleware.databases.forget()
    hits(odoo)


def backends(odoo):
    """The process ids of the lane's connections, in PostgreSQL.

    :rtype: set[int]
    """
    rows = odoo.query(
        f"SELECT pid FROM pg_stat_activity WHERE datname = '{odoo.name}'"
        " AND query ~ 'pipeline_tracking_(open|follow)|trackable_key'"
        " AND pid <> pg_backend_pid()"
    )
    return {pid for (pid,) in rows}
