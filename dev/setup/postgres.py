"""Run the private PostgreSQL cluster in ``.dev/postgres``, or use the server of PGHOST.

The cluster listens on a free port of the loopback interface, with a password, so that
checkouts on one machine stay apart. A Unix socket is no alternative: its path is
limited to 107 bytes, and the path of a checkout can be longer.
"""

import fcntl
import os
import secrets
import signal
import time
from contextlib import contextmanager

from . import paths, postgres_cluster, postgres_programs, postgres_user
from .console import Problem, run, step

DATA = paths.POSTGRES / "data"
PORT = paths.POSTGRES / "port"
ADMIN = "admin"  # the cluster's superuser
# Odoo refuses to run as the role postgres; it only needs to create databases
USER = "odoo"


def own_server():
    """Tell whether libpq's variables name a server of the user."""
    return bool(os.environ.get("PGHOST"))


def environment(user=USER):
    """Return this process's environment, with libpq's variables for the server.

    :param str user: a role of the private cluster
    """
    if own_server():
        return dict(os.environ)
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("PG")
    }
    return {
        **inherited,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(port()),
        "PGUSER": user,
        "PGPASSWORD": password(user),
    }


def password(user):
    """Return a role's password; make it at the first call."""
    file = _password_file(user)
    if not file.exists():
        descriptor = os.open(file, os.O_CREAT | os.O_WRONLY, 0o600)
        with open(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(18))
    return file.read_text()


def port():
    """Return the last port of the private cluster, or None if it never started."""
    return int(PORT.read_text()) if PORT.exists() else None


def ensure():
    """Start the server; make the cluster first if it is missing."""
    if own_server():
        return
    paths.POSTGRES.mkdir(parents=True, exist_ok=True)
    # another process may be starting the server at this moment
    with _lock():
        if running() and _marker("role").exists():
            return
        programs = postgres_programs.find(DATA)
        words = postgres_user.prefix(paths.POSTGRES)
        if not _marker("cluster").exists():
            with step("Making the private PostgreSQL cluster in .dev/postgres"):
                _marker("role").unlink(missing_ok=True)
                password(ADMIN)
                postgres_cluster.make(
                    [*words, programs / "initdb"], DATA, ADMIN, _password_file(ADMIN)
                )
                _marker("cluster").touch()
        if not running():
            postgres_cluster.start([*words, programs / "pg_ctl"], DATA, PORT)
        if not _marker("role").exists():
            _make_role(programs / "psql")


def running():
    """Tell whether the server runs. Another program may have its old process id."""
    pid = postgres_cluster.process_id(DATA)
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            return os.fsencode(DATA) in cmdline.read().split(b"\0")
    except OSError:
        return False


def stop():
    """Stop the server of the private cluster if it runs."""
    if not running():
        return
    pid = postgres_cluster.process_id(DATA)
    os.kill(pid, signal.SIGINT)  # a fast shutdown: it ends sessions and loses no data
    deadline = time.monotonic() + 60
    while os.path.exists(f"/proc/{pid}"):
        if time.monotonic() > deadline:
            raise Problem(
                f"PostgreSQL (process {pid}) does not stop within 60 s. Its log, "
                f"{DATA}/server.log, may show why."
            )
        time.sleep(0.1)


def _password_file(user):
    return paths.POSTGRES / f"{user}.password"


@contextmanager
def _lock():
    with (paths.POSTGRES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _marker(name):
    """Return the file that exists once a part of the cluster is made."""
    return paths.POSTGRES / f"{name}.made"


def _make_role(psql):
    command = f"CREATE ROLE {USER} LOGIN CREATEDB PASSWORD '{password(USER)}'"
    run(
        [psql, "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", command],
        what="Making Odoo's role",
        env=environment(ADMIN),
    )
    _marker("role").touch()
