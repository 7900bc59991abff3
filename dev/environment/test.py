"""``make test``: the suite, in a database cloned from a cached template."""

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
    templates_in_use = [templates.base(), templates.addon()]
    databases.collect_garbage(keep=templates_in_use)
    name = databases.new_name("run")
    with (
        databases.held(templates_in_use[-1]) as template_lock,
        databases.held(name) as lock,
    ):
        try:
            databases.clone(templates_in_use[-1], name)
            return _pytest(args, name, templates_in_use[-1], [template_lock, lock])
        finally:
            databases.drop(name)


def _pytest(args, name, template, locks):
    rc = config.write(
        paths.GROUND / "runs" / f"{name}.conf",
        db_name=name,
        dbfilter="",
        max_cron_threads="0",
    )
    environment = {
        **postgres.environment(),
        "ODOO_RC": str(rc),
        # for tests that start a server, or want a second database
        "PT_ODOO_RC": str(rc),
        "PT_TEMPLATE_DB": template,
        "HYPOTHESIS_STORAGE_DIRECTORY": str(paths.GROUND / "hypothesis"),
        "PYTHONDONTWRITEBYTECODE": "1",
        # what the browser keeps for its user
        **{
            f"XDG_{kind}_HOME": str(paths.GROUND / "home" / kind.lower())
            for kind in ("CACHE", "CONFIG", "DATA")
        },
    }
    command = [
        paths.VENV / "bin" / "pytest",
        f"--odoo-config={rc}",
        "--odoo-http",
        *args,
    ]
    try:
        # the locks go on to pytest: should it outlive this process, its database is
        # still in use
        with subprocess.Popen(
            [str(paths.PYTHON), *map(str, command)],
            cwd=paths.ROOT,
            env=environment,
            pass_fds=locks,
        ) as pytest:
            return _wait(pytest)
    finally:
        rc.unlink()


def _wait(pytest):
    while True:
        try:
            return pytest.wait()
        except KeyboardInterrupt:
            continue  # pytest got it too, and closes with its summary
        except SystemExit:
            pytest.terminate()
            raise
