"""Prepare the benchmarks: programs, databases, and PostgreSQL as in production."""

import contextlib
import os
import shutil
import subprocess
import sys

import psycopg2

from . import ROOT, say

sys.path.insert(0, str(ROOT))
from dev.setup import (  # noqa: E402
    apt,
    database_templates,
    databases,
    odoo_config,
    paths,
    postgres,
)
from dev.setup.console import run, step  # noqa: E402

# Tests turn these settings off. Benchmarks need them on, as in production.
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
PEERS = paths.GROUND / "peers"  # OCA's addons
REQUIREMENTS = ROOT / "benchmarks" / "requirements.txt"
ADDONS = ROOT / "benchmarks" / "addons"
OCA_MODULES = "mail_tracking,mail_tracking_mass_mailing"


@contextlib.contextmanager
def ground():
    """Install and start all programs, and hold the databases during the block.

    The environment variables are set for `tests.helpers.odoo_server`.
    """
    postgres.ensure()
    _ensure_wrk()
    _ensure_peers()
    base, addon = database_templates.base(), database_templates.addon()
    databases.collect_garbage(keep=database_templates.current())
    name = databases.new_name("bench")
    with databases.held(base), databases.held(addon), databases.held(name), _durable():
        rc = odoo_config.write(
            databases.run_config(name),
            addons_path=f"{ROOT},{ADDONS},{PEERS / 'odoo' / 'addons'}",
            dbfilter="",
            limit_request=10**9,  # so that Odoo replaces no worker meanwhile
            log_level="info",
            logfile=paths.LOGS / "bench-odoo.log",
        )
        os.environ.update(
            postgres.environment(), PT_ODOO_RC=str(rc), PT_TEMPLATE_DB=addon
        )
        try:
            yield
        finally:
            databases.run_config(name).unlink(missing_ok=True)


def _ensure_wrk():
    if not shutil.which("wrk"):
        apt.install(["wrk"])


def _ensure_peers():
    mark = PEERS / REQUIREMENTS.name
    if mark.exists() and mark.read_text() == REQUIREMENTS.read_text():
        return
    shutil.rmtree(PEERS, ignore_errors=True)
    with step("Installing OCA's mail_tracking into .dev/peers"):
        run(
            [
                *(paths.PYTHON, "-m", "pip", "install", "--disable-pip-version-check"),
                *("--no-deps", "--target", PEERS, "-r", REQUIREMENTS),
            ],
            what="Installing OCA's mail_tracking",
            hint="Check the network and pip's settings (`pip config list`).",
            log="pip-peers",
        )
    shutil.copy(REQUIREMENTS, mark)


@contextlib.contextmanager
def _durable():
    """Make the private cluster wait for the disk. A server of the user stays as is."""
    if postgres.own_server():
        yield
        return
    for name, value in DURABLE.items():
        _administer(f"ALTER SYSTEM SET {name} = {value}")
    _administer("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        for name in DURABLE:
            _administer(f"ALTER SYSTEM RESET {name}")
        _administer("SELECT pg_reload_conf()")


def _administer(statement):
    settings = {
        "host": "127.0.0.1",
        "port": postgres.port(),
        "user": postgres.ADMIN,
        "password": postgres.password(postgres.ADMIN),
        "dbname": "postgres",
    }
    with contextlib.closing(psycopg2.connect(**settings)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)


def machine():
    """Describe the machine, for the figures.

    :rtype: dict
    """
    with databases.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)",
            [[*DURABLE, "server_version"]],
        )
        settings = dict(cursor.fetchall())
    return {
        "cpus": os.cpu_count(),
        "python": sys.version.split()[0],
        "postgresql": settings,
        "commit": subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        ).stdout.strip(),
    }


def install_oca(live):
    """Install OCA's modules into a database."""
    say("  installing OCA's mail_tracking")
    done = subprocess.run(
        live.command(
            *("-i", OCA_MODULES, "--stop-after-init", "--no-http"),
            "--max-cron-threads=0",
        ),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"OCA's modules could not be installed:\n{done.stderr}")
