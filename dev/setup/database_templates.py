"""Make the databases that test runs start from, and keep them until the code changes.

The templates build on each other, so that a change of the addon does not cost the
installation of Odoo's own modules again.
"""

import re
import textwrap
from pathlib import Path

from . import databases, odoo_config, paths, postgres, source, stamps
from .console import Problem, run, say, step

# what the addon builds on, and web_tour for the browser tests
MODULES = ("base", "web", "mail", "mass_mailing", "crm", "contacts", "web_tour")

# Odoo's tests of mails and mailings, and what they need on top (make odoo-suite)
SUITE_MODULES = ("link_tracker", "test_mail", "test_mass_mailing")

# what the web client loads at once
BUNDLES = (
    "web.assets_web",
    "web.assets_web_print",
    "web.assets_emoji",
    "web.assets_frontend",
    "web.assets_tests",
    "bus.websocket_worker_assets",
)


def base():
    """Make the database with Odoo's own modules, without demo data; give its name."""
    return _ensure("base", None, MODULES)


def addon():
    """Make the database with the addon on top; give its name."""
    return _ensure("addon", base(), [paths.ADDON])


def suite():
    """Make the database for Odoo's own tests without the addon; give its name."""
    return _ensure("suite", base(), SUITE_MODULES)


def suite_addon():
    """Make the database for Odoo's own tests with the addon; give its name."""
    return _ensure("suiteaddon", suite(), [paths.ADDON])


def current():
    """List the names of the templates that fit the code, made or not."""
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
    """Hash the addon's files and their names."""
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
        with step(f"Database with {', '.join(modules)} (kept for the next runs)"):
            _make(name, kind, below, modules)
    return name


def _make(name, kind, below, modules):
    # under another name until it is whole: one that was interrupted is garbage
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
    """Keep the web client's assets with the database.

    Each browser test would make them again otherwise, and roll them back.
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
    """Run a script in a database, as `odoo shell` does.

    :param str what: what the script does, for the message when it fails
    :raise Problem: when it fails
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
    :param options: of the configuration file, others than the usual ones
    :raise Problem: when that fails or logs an error; warnings are shown
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
        hint="(A traceback above, if there is one, tells where.)",
        log=log,
        env={**postgres.environment(), **dict(environment)},
        cwd="/",
    )
    file = paths.LOGS / f"{log}.log"
    lines = file.read_text(errors="replace").splitlines()
    errors = [line for line in lines if re.search(r" (ERROR|CRITICAL) \S+ ", line)]
    if errors:
        raise Problem(
            f"Installing {', '.join(modules)} logged errors (all of it: {file}):\n"
            + "\n".join(errors)
        )
    for line in lines:
        if re.search(r" WARNING \S+ ", line):
            say(f"    {line}")
