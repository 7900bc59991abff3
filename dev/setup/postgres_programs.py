"""Find PostgreSQL's server programs on this machine."""

import shutil
from pathlib import Path

from . import paths
from .console import Problem, output

MINIMUM = 13  # Odoo 19's


def missing_packages():
    """List the Debian package of PostgreSQL, if the machine has no PostgreSQL.

    Debian's package also makes and starts a cluster (main), which this project does not
    use. Only a setting in /etc could prevent that, and the set-up leaves /etc alone.
    """
    return [] if _newest(None) else ["postgresql"]


def find(data):
    """Find the folder of the server programs for a cluster.

    :param Path data: the cluster's folder; it may not exist yet
    :raise Problem: when the machine has no such programs
    """
    file = data / "PG_VERSION"
    version = int(file.read_text()) if file.exists() else None
    folder = _newest(version)
    if folder:
        return folder
    if version:
        raise Problem(
            f"PostgreSQL {version} made the cluster in {data}, and this machine no "
            "longer has that version. Install it again. Or make a new cluster: delete "
            f"the old cluster with its databases (`rm -rf {paths.POSTGRES}`), then run "
            "`make setup`."
        )
    raise Problem(
        f"PostgreSQL {MINIMUM} or newer is missing. Install it (Debian's package is "
        "postgresql), then run `make setup` again."
    )


def _newest(version):
    """Return the folder of a version, else of the newest one for Odoo, else None."""
    folders = {}
    for folder in _folders():
        answer = (output([folder / "postgres", "--version"]) or "").split()
        number = int(answer[2].split(".")[0]) if len(answer) > 2 else 0
        if number >= MINIMUM and (folder / "initdb").exists():
            folders.setdefault(number, folder)
    return folders.get(version or max(folders, default=0))


def _folders():
    """List the folders that may hold server programs."""
    yield from Path("/usr/lib/postgresql").glob("*/bin")
    if bindir := output(["pg_config", "--bindir"]):
        yield Path(bindir)
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
