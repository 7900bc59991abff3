"""Run Odoo on one database."""

from ..setup import databases, odoo_config, paths, postgres
from . import loopback
from .processes import Process


class Odoo:
    """A running Odoo.

    :param str name: of this demo, for its files
    :param str database:
    :param int preferred: port
    :param locks: file descriptors of the database's locks, for Odoo to inherit
    """

    def __init__(self, name, database, preferred=None, locks=()):
        port = loopback.free_port(preferred)
        self.port = port
        self.url = f"http://localhost:{port}"
        rc = odoo_config.write(
            databases.run_config(database),
            db_name=database,
            dbfilter="",
            list_db="False",
            http_port=port,
            # the gateway sends the customer's address in X-Forwarded-For
            proxy_mode="True",
            # the fast lane answers, as in production
            server_wide_modules="base,rpc,web,pipeline_tracking",
            # the cron job processes opens and clicks
            max_cron_threads="1",
        )
        self.process = Process(
            "Odoo",
            f"{name}-odoo",
            [paths.PYTHON, paths.ODOO_COMMAND, "-c", rc],
            locks,
            cwd="/",
            env=postgres.environment(),
        )

    def wait_ready(self):
        """Wait until Odoo answers."""
        self.process.wait_ready(f"{self.url}/web/health")
