"""Run the steps of ``make setup`` in order; skip steps whose result exists."""

import fcntl
import time

from . import (
    apt,
    estimate,
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
    """Set up the environment.

    :param list args: ``--quick``: print nothing if the environment is ready;
        ``--for=NAME``: the command that needs the environment; ``--lint``: make only
        what ``make lint`` needs
    """
    quick = "--quick" in args
    start = time.monotonic()
    paths.GROUND.mkdir(exist_ok=True)
    with (paths.GROUND / "setup.lock").open("w") as lock:
        # two set-ups at once would write the same files
        fcntl.flock(lock, fcntl.LOCK_EX)
        if "--lint" not in args:
            estimate.announce(_find_command(args))
        # all packages at once, so that sudo asks for a password only once
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


def _find_command(args):
    prefix = "--for="
    names = [arg.removeprefix(prefix) for arg in args if arg.startswith(prefix)]
    return names[0] if names else "setup"


def stop(_args):
    """Stop the private PostgreSQL cluster if it runs (``make stop``)."""
    postgres.stop()
