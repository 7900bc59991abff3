"""A real Odoo server, with a separate database and a real SMTP server.

Use it for effects that a test's transaction cannot show: commits, cron jobs, other
processes.
"""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import xmlrpc.client
from pathlib import Path

import requests

from dev.setup import databases

from ..common import BROWSER, Inbox

ROOT = Path(__file__).resolve().parents[2]

START_TIMEOUT = 90  # seconds
ADDON = "addon"
BASE = "base"  # the same modules without the addon

PREPARE = """
env["ir.mail_server"].create({{
    "name": "inbox", "smtp_host": "127.0.0.1", "smtp_port": {port},
    "smtp_encryption": "none",
}})
for key, value in {{
    "web.base.url": "https://odoo.acme.example.com",
    "web.base.url.freeze": "True",
}}.items():
    env["ir.config_parameter"].set_param(key, value)
# These jobs ask a service on the internet.
env["ir.cron"].search([("cron_name", "ilike", "enrich")]).active = False
# Odoo's digest is due two hours after the template was made: an unexpected email.
env["ir.cron"].search([("cron_name", "ilike", "digest")]).active = False
# At the first login, OdooBot opens a chat, which covers a phone's screen.
env["res.users"].search([]).odoobot_state = "disabled"
env.ref("base.user_admin").email = "admin@acme.example.com"
# Count clicks at once. Tests of held clicks change this setting.
if "tracking_hold_seconds" in env["res.company"]._fields:
    env["res.company"].search([]).tracking_hold_seconds = 0
env.cr.commit()
"""
# Parameters that PREPARE creates.
PREPARED = {("web.base.url.freeze",)}


def template(kind):
    """Return the name of a template database of this run."""
    run_template = os.environ["PT_TEMPLATE_DB"]
    if kind == ADDON:
        return run_template
    (name,) = [name for name in databases.names() if f"_{BASE}_" in name]
    return name


class LiveOdoo:
    """A database, with methods that run scripts and a server on it."""

    def __init__(self, name):
        self.name = name
        self.inbox = Inbox().start()
        self.url = None
        self.prepare()

    def prepare(self):
        """Make Odoo send to `inbox`, and ask no service on the internet."""
        self.shell(PREPARE.format(port=self.inbox.port))

    def replace(self):
        """Replace the database by a new one of this name, also while it is in use."""
        databases.drop(self.name)
        databases.clone(template(ADDON), self.name)
        self.prepare()

    def rename(self, name):
        """Rename the database, also while it is in use."""
        self.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        databases.rename(self.name, name)
        self.name = name

    def command(self, *arguments):
        rc = os.environ["PT_ODOO_RC"]
        # Not `-m odoo`: the prefork server starts the gevent server by this name.
        odoo = databases.paths.ODOO_COMMAND
        return [sys.executable, odoo, *arguments, "-c", rc, "-d", self.name]

    def run(self, *options, timeout=300):
        """Run Odoo's command line (-i, -u) until it ends.

        :return: the log
        :rtype: str
        """
        done = subprocess.run(
            self.command(*options, "--stop-after-init", "--no-http"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
        )
        assert not done.returncode, done.stdout
        return done.stdout

    def shell(self, script, *options, check=True, timeout=120):
        """Run a script as `odoo shell` does.

        :param options: options of Odoo's command line
        :return: the output
        :rtype: str
        """
        done = subprocess.run(
            self.command("shell", "--no-http", "--log-level=error", *options),
            input=script,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        if check and (done.returncode or "Traceback" in done.stderr):
            raise AssertionError(f"{done.stdout}\n{done.stderr}")
        return done.stdout

    def shell_in_background(self, script):
        """Run a script as `odoo shell` does, without waiting for its end.

        :rtype: subprocess.Popen
        """
        process = subprocess.Popen(
            self.command("shell", "--no-http", "--log-level=error"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        process.stdin.write(script)
        process.stdin.close()
        return process

    @contextlib.contextmanager
    def server(self, *options, evented=False):
        """Run the server, with one cron thread, until the end of the block.

        :param options: options of Odoo's command line
        :param bool evented: run the server for websockets
        """
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.process = process = subprocess.Popen(
            self.command(
                *(["gevent"] if evented else []),
                f"--http-port={port}",
                f"--gevent-port={port if evented else 0}",
                "--max-cron-threads=1",
                f"--db-filter=^{self.name}$",
                "--log-level=warn",
                *options,
            ),
            stdin=subprocess.DEVNULL,
        )
        try:
            self._wait_until_up(process)
            yield self
        finally:
            process.terminate()
            process.wait(30)

    def _wait_until_up(self, process):
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(requests.ConnectionError):
                requests.get(f"{self.url}/web/login", timeout=START_TIMEOUT)
                return
            time.sleep(0.2)
        raise AssertionError(f"Odoo did not start: {process.poll()}")

    def call(self, model, method, *args, **kwargs):
        """Call a method as the administrator, over XML-RPC."""
        proxy = xmlrpc.client.ServerProxy(
            f"{self.url}/xmlrpc/2/object", allow_none=True
        )
        return proxy.execute_kw(self.name, 2, "admin", model, method, args, kwargs)

    def query(self, statement):
        """Return the rows of a query, without Odoo."""
        with databases.connect(self.name) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def send_earlier(self):
        """Move the time when emails were sent some minutes into the past: nobody opens
        an email within seconds.
        """
        self.query(
            "UPDATE trackable_email SET sent_date = sent_date - interval '10 minutes'"
            " WHERE sent_date > clock_timestamp() AT TIME ZONE 'UTC'"
            " - interval '5 minutes' RETURNING id"
        )

    @contextlib.contextmanager
    def transaction(self):
        """Open a transaction apart from Odoo's until the end of the block.

        :rtype: psycopg2 cursor
        """
        with databases.connect(self.name) as connection:
            connection.autocommit = False
            with connection.cursor() as cursor:
                yield cursor
            connection.rollback()

    def get(self, url):
        """Request a tracked URL as an email client does, without cookie and session."""
        path = url[url.index("/t/") :]
        return requests.get(
            self.url + path,
            headers={"User-Agent": BROWSER},
            allow_redirects=False,
            timeout=30,
        )

    @property
    def sessions(self):
        """Return the names of the sessions that the server stores."""
        folder = databases.paths.DATA_DIR / "sessions"
        return {file.name for file in folder.rglob("*") if file.is_file()}


@contextlib.contextmanager
def live_odoo(kind=ADDON):
    """Create a database, and drop it at the end of the block.

    :param str kind: ADDON, or BASE for the same modules without the addon
    :rtype: LiveOdoo
    """
    name = f"{databases.PREFIX}live_{secrets.token_hex(4)}"
    with databases.held(name):
        databases.clone(template(kind), name)
        try:
            live = LiveOdoo(name)
            try:
                yield live
            finally:
                live.inbox.stop()
        finally:
            databases.drop(name)


def wait_until(condition, seconds):
    """Wait until a condition is true. Fail after a number of seconds."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"Not within {seconds} s: {condition}")
        time.sleep(0.1)
