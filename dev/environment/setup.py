"""``make setup``: everything, in order; what is there already costs nothing."""

import time

from . import browser, config, paths, postgres, source, venv
from .console import say


def main(args):
    """Set up. ``--quick``: say nothing where there is nothing to do."""
    quick = "--quick" in args
    start = time.monotonic()
    paths.GROUND.mkdir(exist_ok=True)
    venv.ensure()
    source.ensure(quick)
    postgres.ensure()
    config.write()
    browser.ensure()
    if not quick:
        say(f"The environment in .dev/ is ready ({time.monotonic() - start:.0f} s).")
