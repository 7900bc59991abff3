"""Make the database that each demo starts from: CRM with demo data, the addon, and some
weeks of tracked emails.

A demo clones the template. The template has two levels, so that a change of the addon
does not cost the installation of Odoo's own modules again.
"""

import hashlib
from contextlib import contextmanager
from pathlib import Path

from ..setup import database_templates, databases, paths, source, stamps
from ..setup.console import step

# not the prefix of the test runs' databases: those collect their own garbage
PREFIX = databases.PREFIX.replace("pttest", "ptdemo")
MODULES = ("crm", "contacts", "mass_mailing")
# run in the database to make its history
HISTORY = Path(__file__).with_name("email_history.py")
# a change of these makes the template anew
FILES = (Path(__file__), Path(database_templates.__file__), HISTORY)


def ensure():
    """Make the template where it is missing; give its name."""
    with databases.held(f"{PREFIX}template", exclusive=True):
        key = stamps.digest(*FILES, extra=[source.version(), *MODULES])
        below = _ensure("base", key, None, MODULES)
        addon = _ensure(
            "addon", below + database_templates.addon_hash(), below, [paths.ADDON]
        )
        _collect_garbage(keep={below, addon})
    return addon


def _collect_garbage(keep):
    for name in _names() - keep:
        # unless somebody is cloning it right now
        with databases.held(name, exclusive=True, wait=False) as lock:
            if lock is not None:
                databases.drop(name)


@contextmanager
def cloned(name):
    """Make a database from the template, and drop it at the end of the block.

    :param str name:
    :return int: the lock of the name, for programs that use the database
    """
    with databases.held(name) as lock:
        try:
            clone(name)
            yield lock
        finally:
            databases.drop(name)


def clone(name):
    """Make a database from the template, which is made first if missing."""
    template = ensure()
    with databases.held(template), step("Cloning the database"):
        databases.clone(template, name)


def _names():
    with databases.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]
        )
        return {name for (name,) in cursor.fetchall()}


def _ensure(kind, key, below, modules):
    name = f"{PREFIX}{kind}_{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    if name not in _names():
        title = (
            f"Database with demo data: {', '.join(modules)} (kept for the next times)"
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
    return name
