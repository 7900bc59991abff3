"""Run the tests in databases cloned from a cached template (``make test``).

The whole suite runs in one process per processor, a selection (``ARGS``) in one
process; ``-n 4`` starts four. Each process has its own database, configuration file
and data folder. pytest-xdist starts the processes and merges their results into one
report (see ``suite_plugin``).
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys

from ..setup import database_templates, databases, odoo_config, paths, postgres
from . import suite_plugin

GRACE = 30  # seconds for pytest to clean up after a signal


def main(args):
    """Run pytest; return its exit status.

    :param list args: for pytest; if empty, the whole suite runs
    """
    processes, args = _parse(args)
    # SIGTERM must run the clean-up below
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    postgres.ensure()
    base, addon = database_templates.base(), database_templates.addon()
    databases.collect_garbage(keep=database_templates.current())
    names = [databases.new_name("run") for _number in range(processes)]
    with contextlib.ExitStack() as stack:
        locks = [
            stack.enter_context(databases.held(name)) for name in (base, addon, *names)
        ]
        try:
            for name in names:
                databases.clone(addon, name)
            return _pytest(args, names, addon, locks)
        finally:
            for name in names:
                databases.drop(name)


def _parse(args):
    """Separate the number of processes from pytest's arguments.

    :return tuple: the number of processes, and the other arguments
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-n", "--numprocesses", type=int)
    options, others = parser.parse_known_args(args)
    processors = len(os.sched_getaffinity(0))
    return options.numprocesses or (1 if args else processors), others


def environment(rc):
    """Return the environment variables for pytest and its browsers.

    :param Path rc: Odoo's configuration file
    """
    return {
        **postgres.environment(),
        "ODOO_RC": str(rc),
        "PYTHONDONTWRITEBYTECODE": "1",
        # otherwise the browser writes into the user's home folder
        **{
            f"XDG_{kind}_HOME": str(paths.GROUND / "home" / kind.lower())
            for kind in ("CACHE", "CONFIG", "DATA")
        },
    }


def _pytest(args, names, template, locks):
    environments = [_run_environment(name, template) for name in names]
    command = [
        *(paths.PYTHON, "-m", "pytest", "--odoo-http"),
        *(_parallel_options(environments) if len(names) > 1 else ()),
        *args,
    ]
    # pytest inherits the locks, because it uses the databases even if this process dies
    with subprocess.Popen(
        [*map(str, command)],
        cwd=paths.ROOT,
        env={**environment(environments[0]["ODOO_RC"]), **environments[0]},
        pass_fds=locks,
    ) as pytest:
        return _wait(pytest)


def _run_environment(name, template):
    """Write a process's configuration file; return its environment variables."""
    data_dir = databases.run_data_dir(name)
    rc = odoo_config.write(
        databases.run_config(name),
        db_name=name,
        data_dir=data_dir,
        dbfilter="",
        max_cron_threads="0",
    )
    return {
        "ODOO_RC": str(rc),
        # for tests that start a server or need a second database
        "PT_ODOO_RC": str(rc),
        "PT_TEMPLATE_DB": template,
        "PT_DATA_DIR": str(data_dir),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(paths.GROUND / "hypothesis"),
    }


def _parallel_options(environments):
    """Yield xdist's options for one worker in each environment."""
    for variables in environments:
        settings = (f"env:{name}={value}" for name, value in variables.items())
        yield from ("--tx", "//".join(["popen", *settings]))
    # if a worker dies, its tests do not run, so the run must fail
    yield from ("--dist=loadfile", "--max-worker-restart=0")
    # the plugin sorts the files, and xdist must keep this order
    yield from ("--no-loadscope-reorder", "-p", suite_plugin.__name__)


def _wait(pytest):
    while True:
        try:
            return pytest.wait()
        except KeyboardInterrupt:
            continue  # pytest receives Ctrl-C too, and prints its summary
        except SystemExit:
            _stop(pytest)
            raise


def _stop(pytest):
    """End pytest with SIGINT, so that tests stop servers and drop databases."""
    for number in (signal.SIGINT, signal.SIGKILL):
        pytest.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            pytest.wait(GRACE)
            return
