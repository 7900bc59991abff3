"""Make the template database of the demo: CRM with demo data, the addon, old emails.

A demo clones the template. The template has two levels, so that a change of the addon
does not install Odoo's own modules again.
"""

import hashlib
from contextlib import contextmanager
from pathlib import Path

from ..setup import database_templates, databases, paths, source, stamps
from ..setup.console import step

# test runs drop unknown databases with their own prefix, so the demo has another
PREFIX = databases.PREFIX.replace("pttest", "ptdemo")
MODULES = ("crm", "contacts", "mass_mailing")
HISTORY = Path(__file__).with_name("email_history.py")
# a change of these files makes the template anew
FILES = (Path(__file__), Path(database_templates.__file__), HISTORY)


# seconds that each level takes, on two processors
BASE_SECONDS, ADDON_SECONDS = 70, 35


def ensure():
    """Make the template if it is missing; return its name."""
    with databases.held(f"{PREFIX}template", exclusive=True):
        base, addon = _level_names()
        _ensure(base, None, MODULES)
        _ensure(addon, base, [paths.ADDON])
        _collect_garbage(keep={base, addon})
    return addon


def estimate_seconds():
    """Estimate how long ``ensure`` will take.

    :rtype: int
    """
    base, addon = _level_names()
    existing = _names()
    return BASE_SECONDS * (base not in existing) + ADDON_SECONDS * (
        addon not in existing
    )


def _level_names():
    key = stamps.digest(*FILES, extra=[source.version(), *MODULES])
    base = _level_name("base", key)
    return base, _level_name("addon", base + database_templates.addon_hash())


def _level_name(level, key):
    return f"{PREFIX}{level}_{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def _collect_garbage(keep):
    for name in _names() - keep:
        # skip a template that another process is cloning
        with databases.held(name, exclusive=True, wait=False) as lock:
            if lock is not None:
                databases.drop(name)


@contextmanager
def cloned(name):
    """Clone the template, and drop the clone at the end of the block.

    :param str name: of the clone
    :return int: the lock of the name, for programs that use the database
    """
    with databases.held(name) as lock:
        try:
            clone(name)
            yield lock
        finally:
            databases.drop(name)


def clone(name):
    """Clone the template; make the template first if it is missing."""
    template = ensure()
    with databases.held(template), step("Cloning the database"):
        databases.clone(template, name)


def _names():
    with databases.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]
        )
        return {name for (name,) in cursor.fetchall()}


def _ensure(name, below, modules):
    if name in _names():
        return
    title = (
        f"Making a database with demo data: {', '.join(modules)} (kept for later runs)"
    )
    with step(title):
        unfinished = f"{PREFIX}new"
        databases.drop(unfinished)
        if below:
            databases.clone(below, unfinished)
        else:
            databases.create(unfinished)
        database_templates.install(unfinished, modules, with_demo="True")
        if below:
            database_templates.run_script(
                unfinished, HISTORY.read_text(), what="Making a history"
            )
        database_templates.make_assets(unfinished)
        databases.rename(unfinished, name)
