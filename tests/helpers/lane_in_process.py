"""The lane in this process, with a stub that records requests left to Odoo."""

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
    """Change values of Odoo's configuration until the end of the block."""
    before = {name: config[name] for name in values}
    for name, value in values.items():
        config[name] = value
    try:
        yield
    finally:
        for name, value in before.items():
            config[name] = value


class LaneApp:
    """The lane, in front of a stub of the controllers.

    :ivar list[dict] left: environs of the requests left to the controllers
    """

    def __init__(self):
        self.left = []
        self.lane = middleware.Lane(self._controllers)

    def _controllers(self, environ, start_response):
        self.left.append(environ)
        start_response(LEFT, [])
        return []

    def ask(self, path, method="GET", host="odoo.acme.example.com", **environ):
        """Send a request to the lane.

        :return: status line, headers and body
        """
        builder = EnvironBuilder(path, method=method, base_url=f"http://{host}/")
        request = {"REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": BROWSER}
        environ = {**builder.get_environ(), **request, **environ}
        environ = {name: value for name, value in environ.items() if value is not None}
        body, status, headers = run_wsgi_app(self.lane, environ)
        return status, headers, b"".join(body)

    def is_left(self, *args, **kwargs):
        """Send a request; return whether the lane leaves it to the controllers."""
        before = len(self.left)
        status, _headers, _body = self.ask(*args, **kwargs)
        assert (status == LEFT) == (len(self.left) == before + 1)
        return status == LEFT


@contextlib.contextmanager
def odoo_with_sent_email():
    """Create a database from which a tracked email was sent.

    :rtype: LiveOdoo
    """
    with live_odoo() as live:
        live.sent = Sent(live)
        yield live


@contextlib.contextmanager
def open_lane_app(odoo):
    """Open a lane to a database; at the end, close its connections and delete the hits.

    :rtype: LaneApp
    """
    middleware.databases.expire_list()
    with configured(db_name=[odoo.name], dbfilter=""):
        lane_app = LaneApp()
        yield lane_app
        lane_app.lane = None
        gc.collect()  # closes the connections
    wait_until(lambda: not backends(odoo), 10)
    middleware.databases.expire_list()
    hits(odoo)


def backends(odoo):
    """Return the process ids of the lane's connections in PostgreSQL.

    :rtype: set[int]
    """
    rows = odoo.query(
        f"SELECT pid FROM pg_stat_activity WHERE datname = '{odoo.name}'"
        " AND query ~ 'pipeline_tracking_(open|follow)|trackable_key'"
        " AND pid <> pg_backend_pid()"
    )
    return {pid for (pid,) in rows}
