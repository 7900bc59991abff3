"""Run PostgreSQL as another user where the caller is root, whom PostgreSQL refuses.

The checkout may lie in a folder that only root may enter (``mktemp -d``), and nothing
outside ``.dev/`` is to change: so the server runs as another user who keeps root's
right to pass through folders, or, where that is not possible, in a user namespace: root
outside of it, an ordinary user inside.
"""

import functools
import os
import pwd
import subprocess
from pathlib import Path

from .console import Problem

_INSTEAD = (
    "Run this as an ordinary user, or use a server of your own (PGHOST, PGUSER, "
    "PGPASSWORD)."
)


@functools.cache
def prefix(folder):
    """Give the words before PostgreSQL's programs that let them use a folder.

    :param Path folder: the folder that the cluster lives in
    :raise Problem: when there is no way on this machine
    """
    if os.geteuid() != 0:
        return ()
    user = _user()
    for owner, command in (
        (user.pw_uid, _with_capability(user)),
        (0, _in_namespace(user)),
    ):
        if _works(command, folder):
            _give(folder / "data", owner)
            return tuple(command)
    raise Problem(
        "PostgreSQL does not run as root, and on this machine neither setpriv (a user "
        "who keeps the "
        "capability to pass through folders) nor unshare (a user namespace) lets "
        "another user work in "
        f"{folder}.\n{_INSTEAD}"
    )


def _user():
    """Find the user to run as: postgres, else nobody. The user must have a name."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Problem(
        "PostgreSQL does not run as root, and this machine has neither the user "
        "postgres nor nobody.\n"
        f"{_INSTEAD}"
    )


def _with_capability(user):
    # containers keep CAP_DAC_OVERRIDE, but not the narrower CAP_DAC_READ_SEARCH
    capability = "-all,+dac_override"
    return [
        "setpriv",
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
        f"--inh-caps={capability}",
        f"--ambient-caps={capability}",
        "--no-new-privs",
    ]


def _in_namespace(user):
    return [
        "unshare",
        "--user",
        f"--map-user={user.pw_uid}",
        f"--map-group={user.pw_gid}",
    ]


def _works(command, folder):
    probe = folder / "probe"
    try:
        result = subprocess.run(
            [*command, "touch", str(probe)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    probe.unlink(missing_ok=True)
    return result.returncode == 0


def _give(data, owner):
    """Make the user own the cluster's files, which another user may have made."""
    if not data.exists() or data.stat().st_uid == owner:
        return
    for base, _folders, files in os.walk(data):
        for path in (base, *(Path(base, name) for name in files)):
            os.chown(path, owner, -1)
