"""Do the steps of ``make setup`` in order, each only where its result is missing."""

import fcntl
import time

from . import (
    apt,
    node,
    odoo_config,
    paths,
    postgres,
    postgres_programs,
    source,
    venv,
)
from .console import say


def main(args):
    """Set up.

    :param list args: ``--quick``: say nothing where there is nothing to do; ``--lint``:
        only what ``make lint`` needs
    """
    quick = "--quick" in args
    start = time.monotonic()
    paths.GROUND.mkdir(exist_ok=True)
    with (paths.GROUND / "setup.lock").open("w") as lock:
        # two at once would work on the same files
        fcntl.flock(lock, fcntl.LOCK_EX)
        # all at once: who has to ask for them asks once
        missing = venv.missing_packages()
        if "--lint" not in args:
            missing += apt.missing_browser()
            if not postgres.own_server():
                missing += postgres_programs.missing_packages()
        if missing:
            apt.install(missing)
        venv.ensure()
        if "--lint" in args:
            node.ensure_lint_tools()
            return
        source.ensure(quick)
        postgres.ensure()
        odoo_config.write()
    if not quick:
        say(f"The environment in .dev/ is ready ({time.monotonic() - start:.0f} s).")


def stop(_args):
    """Stop the private PostgreSQL cluster, if it runs (``make stop``)."""
    postgres.stop()
