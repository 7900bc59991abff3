"""Find PostgreSQL's server programs on the system."""

import shutil
from pathlib import Path

from . import paths
from .console import Problem, output

MINIMUM = 13  # Odoo 19's


def missing_packages():
    """Give the Debian package to install where there is no PostgreSQL.

    Debian's package also makes and starts a cluster of its own (main). Only a setting
    in /etc would keep it from that, which is not ours to change; it is not used.
    """
    return [] if _newest(None) else ["postgresql"]


def find(data):
    """Find the folder of the server programs that fit a cluster.

    :param Path data: the cluster's folder; it may not exist yet
    :raise Problem: when there are none
    """
    file = data / "PG_VERSION"
    version = int(file.read_text()) if file.exists() else None
    folder = _newest(version)
    if folder:
        return folder
    if version:
        raise Problem(
            f"The cluster in {data} was made by PostgreSQL {version}, which this "
            f"machine no longer has. Install it again, or `rm -rf {paths.POSTGRES}` "
            "(its databases with it) and `make setup`."
        )
    raise Problem(
        f"No PostgreSQL {MINIMUM} or newer found: install one (Debian's package is "
        "postgresql), then run `make setup` again."
    )


def _newest(version):
    """Find the folder of a version, or of the newest that Odoo works with, or None."""
    found = {}
    for folder in _folders():
        answer = (output([folder / "postgres", "--version"]) or "").split()
        number = int(answer[2].split(".")[0]) if len(answer) > 2 else 0
        if number >= MINIMUM and (folder / "initdb").exists():
            found.setdefault(number, folder)
    return found.get(version) if version else found.get(max(found, default=0))


def _folders():
    """List folders that may hold server programs: Debian's, and pg_config's."""
    yield from Path("/usr/lib/postgresql").glob("*/bin")
    if bindir := output(["pg_config", "--bindir"]):
        yield Path(bindir)
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
