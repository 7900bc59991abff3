"""``make test``: the suite, in a database cloned from a cached template."""

import contextlib
import signal
import subprocess
import sys

from . import config, databases, paths, postgres, templates


def main(args):
    """Run pytest; gives its exit status.

    :param list args: for pytest, in place of the whole suite
    """
    # `make test ARGS=…` is to end in clean-up too, when it is told to stop
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    postgres.ensure()
    base, addon = templates.base(), templates.addon()
    databases.collect_garbage(keep=templates.current())
    name = databases.new_name("run")
    with contextlib.ExitStack() as stack:
        locks = [stack.enter_context(databases.held(n)) for n in (base, addon, name)]
        try:
            databases.clone(addon, name)
            return _pytest(args, name, addon, locks)
        finally:
            databases.drop(name)


def environment(rc):
    """The environment variables that pytest and the browsers it starts need.

    :param Path rc: Odoo's configuration file
    """
    return {
        **postgres.environment(),
        "ODOO_RC": str(rc),
        "PYTHONDONTWRITEBYTECODE": "1",
        # what the browser keeps for its user
        **{
            f"XDG_{kind}_HOME": str(paths.GROUND / "home" / kind.lower())
            for kind in ("CACHE", "CONFIG", "DATA")
        },
    }


def _pytest(args, name, template, locks):
    rc = config.write(
        databases.run_config(name),
        db_name=name,
        dbfilter="",
        max_cron_threads="0",
    )
    variables = {
        **environment(rc),
        # for tests that start a server, or want a second database
        "PT_ODOO_RC": str(rc),
        "PT_TEMPLATE_DB": template,
        "HYPOTHESIS_STORAGE_DIRECTORY": str(paths.GROUND / "hypothesis"),
    }
    command = [
        paths.VENV / "bin" / "pytest",
        f"--odoo-config={rc}",
        "--odoo-http",
        *args,
    ]
    # the locks go on to pytest: should it outlive this process, its database is still
    # in use
    with subprocess.Popen(
        [str(paths.PYTHON), *map(str, command)],
        cwd=paths.ROOT,
        env=variables,
        pass_fds=locks,
    ) as pytest:
        return _wait(pytest)


def _wait(pytest):
    while True:
        try:
            return pytest.wait()
        except KeyboardInterrupt:
            continue  # pytest got it too, and closes with its summary
        except SystemExit:
            pytest.terminate()
            raise
