"""Run the tests in databases cloned from a cached template (``make test``).

The whole suite runs in as many processes as there are processors, a selection
(``ARGS``) in one; ``-n 4`` asks for four. Each process has a database, a configuration
file and a data folder to itself. pytest-xdist starts the processes and merges their
results into one report (see ``suite_plugin``).
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys

from ..setup import database_templates, databases, odoo_config, paths, postgres
from . import suite_plugin

GRACE = 30  # seconds that pytest has to clean up when the run is told to stop


def main(args):
    """Run pytest; give its exit status.

    :param list args: for pytest, in place of the whole suite
    """
    processes, args = _parse(args)
    # `make test ARGS=…` is to end in clean-up too, when it is told to stop
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
    """Take the number of processes out of pytest's arguments.

    :return tuple: that number, and the other arguments
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-n", "--numprocesses", type=int)
    options, others = parser.parse_known_args(args)
    processors = len(os.sched_getaffinity(0))
    return options.numprocesses or (1 if args else processors), others


def environment(rc):
    """Give the environment variables that pytest and the browsers it starts need.

    :param Path rc: Odoo's configuration file
    """
    return {
        **postgres.environment(),
        "ODOO_RC": str(rc),
        "PYTHONDONTWRITEBYTECODE": "1",
        # the browser writes into its user's home folder otherwise
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
    # pytest inherits the locks: should it outlive this process, its databases are still
    # in use
    with subprocess.Popen(
        [*map(str, command)],
        cwd=paths.ROOT,
        env={**environment(environments[0]["ODOO_RC"]), **environments[0]},
        pass_fds=locks,
    ) as pytest:
        return _wait(pytest)


def _run_environment(name, template):
    """Write the configuration of one process; give its environment variables."""
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
    """Make xdist's options: one worker for each environment."""
    for variables in environments:
        settings = (f"env:{name}={value}" for name, value in variables.items())
        yield from ("--tx", "//".join(["popen", *settings]))
    # when a worker dies, its tests are not done: the run ends, and has failed
    yield from ("--dist=loadfile", "--max-worker-restart=0")
    # xdist keeps the order of the files, which the plugin chooses
    yield from ("--no-loadscope-reorder", "-p", suite_plugin.__name__)


def _wait(pytest):
    while True:
        try:
            return pytest.wait()
        except KeyboardInterrupt:
            continue  # pytest got it too, and closes with its summary
        except SystemExit:
            _stop(pytest)
            raise


def _stop(pytest):
    """Let pytest end as on Ctrl-C, which stops servers and drops databases of tests."""
    for number in (signal.SIGINT, signal.SIGKILL):
        pytest.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            pytest.wait(GRACE)
            return
