"""Make the template databases of test runs, and reuse them until the code changes.

The templates build on each other, so that a change of the addon does not install Odoo's
own modules again.
"""

import re
import textwrap
from pathlib import Path

from . import databases, odoo_config, paths, postgres, source, stamps
from .console import Problem, run, say, step

# the addon's dependencies, and web_tour for the browser tests
MODULES = ("base", "web", "mail", "mass_mailing", "crm", "contacts", "web_tour")

# modules with Odoo's tests of emails and mailings, for make odoo-suite
SUITE_MODULES = ("link_tracker", "test_mail", "test_mass_mailing")

# the bundles that the web client loads at the start
BUNDLES = (
    "web.assets_web",
    "web.assets_web_print",
    "web.assets_emoji",
    "web.assets_frontend",
    "web.assets_tests",
    "bus.websocket_worker_assets",
)


def base():
    """Make the database with Odoo's own modules, no demo data; return its name."""
    return _ensure("base", None, MODULES)


def addon():
    """Make the database with Odoo's modules and the addon; return its name."""
    return _ensure("addon", base(), [paths.ADDON])


def suite():
    """Make the database for Odoo's own tests without the addon; return its name."""
    return _ensure("suite", base(), SUITE_MODULES)


def suite_addon():
    """Make the database for Odoo's own tests with the addon; return its name."""
    return _ensure("suiteaddon", suite(), [paths.ADDON])


def current():
    """List the names of the templates of the current code; they may not exist yet."""
    return list(_names().values())


def _names():
    below = _name("base", Path(__file__).read_text(), source.version(), MODULES)
    suite_below = _name("suite", below, SUITE_MODULES)
    code = addon_hash()
    return {
        "base": below,
        "addon": _name("addon", below, code),
        "suite": suite_below,
        "suiteaddon": _name("suiteaddon", suite_below, code),
    }


def _name(kind, *key):
    return f"{databases.PREFIX}{kind}_{stamps.digest(extra=key)[:12]}"


def addon_hash():
    """Return a hash of the addon's files and their names."""
    folder = paths.ROOT / paths.ADDON
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    )
    return stamps.digest(*files, extra=[file.relative_to(folder) for file in files])


def _ensure(kind, below, modules):
    name = _names()[kind]
    if name in databases.names():
        return name
    with databases.held(f"{databases.PREFIX}{kind}", exclusive=True):
        if name in databases.names():
            return name  # another run has made it meanwhile
        with step(f"Making a database with {', '.join(modules)} (kept for later runs)"):
            _make(name, kind, below, modules)
    return name


def _make(name, kind, below, modules):
    # the final name must only exist for a complete database
    unfinished = databases.new_name(f"new_{kind}")
    with databases.held(unfinished):
        if below:
            databases.clone(below, unfinished)
        else:
            databases.create(unfinished)
        install(unfinished, modules)
        make_assets(unfinished)
        databases.rename(unfinished, name)
    (databases.LOCKS / unfinished).unlink()


def make_assets(name):
    """Store the web client's assets in the database.

    Otherwise each browser test makes them, and rolls them back.
    """
    script = f"""\
        qweb = env["ir.qweb"]
        for bundle in {BUNDLES}:
            qweb._get_asset_bundle(bundle, css=False, js=True).js()
            qweb._get_asset_bundle(bundle, css=True, js=False).css()
        env.cr.commit()
    """
    run_script(name, textwrap.dedent(script), what="Making the assets")


def run_script(name, script, *, what):
    """Run a script in `odoo shell` on a database.

    :param str what: the task, for the error message ("Making the assets")
    :raise Problem: when the script fails
    """
    rc = odoo_config.write(paths.GROUND / "install.conf")
    run(
        [
            *(paths.PYTHON, paths.ODOO_COMMAND, "shell"),
            *("-c", rc, "-d", name, "--no-http"),
        ],
        what=what,
        log=what.split()[-1],
        script=script,
        env=postgres.environment(),
        cwd="/",
    )


def install(name, modules, environment=(), **options):
    """Install modules into a database.

    :param environment: more environment variables for Odoo
    :param options: options of the configuration file that differ from the usual ones
    :raise Problem: when Odoo fails or logs an error; warnings are printed
    """
    rc = odoo_config.write(paths.GROUND / "install.conf", **options)
    log = f"install-{modules[-1]}"
    run(
        [
            paths.PYTHON,
            paths.ODOO_COMMAND,
            *("-c", rc, "-d", name, "-i", ",".join(modules)),
            *("--stop-after-init", "--no-http", "--max-cron-threads=0"),
        ],
        what=f"Installing {', '.join(modules)}",
        hint="If there is a traceback above, it shows the cause.",
        log=log,
        progress=_installation_progress,
        env={**postgres.environment(), **dict(environment)},
        cwd="/",
    )
    file = paths.LOGS / f"{log}.log"
    lines = file.read_text(errors="replace").splitlines()
    errors = [line for line in lines if re.search(r" (ERROR|CRITICAL) \S+ ", line)]
    if errors:
        raise Problem(
            f"Installing {', '.join(modules)} logged errors (the full log is {file}):\n"
            + "\n".join(errors)
        )
    for line in lines:
        if re.search(r" WARNING \S+ ", line):
            say(f"    {line}")


def _installation_progress(log):
    """Say which module Odoo is loading, from its log."""
    modules = re.findall(r"Loading module (\w+) \((\d+)/(\d+)\)", log)
    return "{}: module {} of {}".format(*modules[-1]) if modules else ""
