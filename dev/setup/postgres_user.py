"""Run PostgreSQL as another user if the caller is root, since PostgreSQL refuses root.

Only root may be able to enter the checkout's folder (``mktemp -d``), and the set-up
must not change anything outside ``.dev/``. So the server runs as another user who keeps
root's right to enter all folders. If that fails, the server runs in a user namespace,
as root outside of the namespace and as an ordinary user inside.
"""

import functools
import os
import pwd
import subprocess
from pathlib import Path

from .console import Problem

_INSTEAD = (
    "Run this as an ordinary user, or name a PostgreSQL server with PGHOST, PGUSER and "
    "PGPASSWORD."
)


@functools.cache
def prefix(folder):
    """Return the words that run a program as a user with access to a folder.

    :param Path folder: the cluster's folder
    :raise Problem: when this machine has no way
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
        "PostgreSQL does not run as root, and no other user can work in "
        f"{folder} on this machine: neither with setpriv (capabilities) nor with "
        f"unshare (user namespaces).\n{_INSTEAD}"
    )


def _user():
    """Return the user postgres, else nobody. PostgreSQL needs a user with a name."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Problem(
        "PostgreSQL does not run as root, and this machine has neither a user postgres "
        f"nor a user nobody.\n{_INSTEAD}"
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
    """Make a user the owner of the cluster's files; another user may have made them."""
    if not data.exists() or data.stat().st_uid == owner:
        return
    for base, _folders, files in os.walk(data):
        for path in (base, *(Path(base, name) for name in files)):
            os.chown(path, owner, -1)
