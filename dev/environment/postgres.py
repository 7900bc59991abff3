"""The private PostgreSQL cluster in ``.dev/postgres``, or the server that PGHOST names.

It listens on a free port of the loopback interface (a Unix socket's path may hold 107 bytes, a checkout's
can be longer), with a password, so that two checkouts on one machine stay apart.
"""

import fcntl
import os
import secrets
import shutil
import socket
import time
from contextlib import contextmanager

from . import paths, postgres_programs, unprivileged
from .console import Problem, run, step

DATA = paths.POSTGRES / "data"
ADMIN = "admin"  # the cluster's superuser
USER = "odoo"  # Odoo refuses to work as postgres, and needs no more than to create databases
# what is in the cluster can be made again, so it never waits for the disk
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "log_min_messages": "fatal",  # tests provoke errors on purpose
}


def own_server():
    """Whether people bring their own server, by libpq's variables."""
    return bool(os.environ.get("PGHOST"))


def environment(user=USER):
    """The environment for a program that connects: with libpq's variables for the server.

    :param str user: a role of the private cluster
    """
    if own_server():
        return dict(os.environ)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {
        **inherited,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(port()),
        "PGUSER": user,
        "PGPASSWORD": password(user),
    }


def password(user):
    """The password of a role of the private cluster, made at the first call."""
    file = paths.POSTGRES / f"{user}.password"
    if not file.exists():
        descriptor = os.open(file, os.O_CREAT | os.O_WRONLY, 0o600)
        with open(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(18))
    return file.read_text()


def port():
    """The port that the private cluster was started on last, None before the first time."""
    file = paths.POSTGRES / "port"
    return int(file.read_text()) if file.exists() else None


def ensure():
    """Start the server; install PostgreSQL and make the cluster where they are missing."""
    if own_server() or running():
        return
    paths.POSTGRES.mkdir(parents=True, exist_ok=True)
    programs = postgres_programs.ensure(DATA)
    words = unprivileged.prefix(paths.POSTGRES)
    with _lock():
        if running():
            return
        if not _marker("cluster").exists():
            with step("PostgreSQL: making the private cluster in .dev/postgres"):
                _make([*words, programs / "initdb"])
        _start([*words, programs / "pg_ctl"])
        if not _marker("role").exists():
            _make_role(programs / "psql")


def running():
    """Whether this cluster's server runs: it, not whatever else has its process id or port now."""
    pid = _pid()
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            return os.fsencode(DATA) in cmdline.read().split(b"\0")
    except OSError:
        return False


def stop():
    """Stop the server of the private cluster, if it runs."""
    if running():
        programs = postgres_programs.ensure(DATA)
        words = unprivileged.prefix(paths.POSTGRES)
        run(
            [*words, programs / "pg_ctl", "stop", "-D", DATA, "-m", "fast", "-w"],
            what="Stopping PostgreSQL",
            cwd="/",
        )


@contextmanager
def _lock():
    with (paths.POSTGRES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _marker(name):
    """A file that says that this part of making the cluster was finished."""
    return paths.POSTGRES / f"{name}.made"


def _pid():
    try:
        return int((DATA / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _make(initdb):
    shutil.rmtree(DATA, ignore_errors=True)
    _marker("role").unlink(missing_ok=True)
    password(ADMIN)
    run(
        [
            *initdb,
            f"--pgdata={DATA}",
            f"--username={ADMIN}",
            f"--pwfile={paths.POSTGRES / f'{ADMIN}.password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        what="Making the PostgreSQL cluster",
        log="initdb",
        cwd="/",
    )
    with (DATA / "postgresql.conf").open("a") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    _marker("cluster").touch()


def _start(pg_ctl):
    pid = _pid()
    if pid and os.path.exists(f"/proc/{pid}"):
        # killed, and its process id belongs to another program by now: PostgreSQL would not start
        (DATA / "postmaster.pid").unlink()
    log = paths.POSTGRES / "server.log"
    for attempts_left in (4, 3, 2, 1, 0):
        number = _free_port(port())
        try:
            run(
                [*pg_ctl, "start", "-w", "-D", DATA, "-l", log, "-o", f"-p {number}"],
                what="Starting PostgreSQL",
                hint=(
                    f"Its own log: {log}. If the cluster is broken, `rm -rf {paths.POSTGRES}` (its "
                    "databases with it) and `make setup` make a new one."
                ),
                cwd="/",
            )
        except Problem:
            # another took the port first, or a killed server's sessions are still ending
            if not attempts_left:
                raise
            time.sleep(2)
        else:
            (paths.POSTGRES / "port").write_text(str(number))
            return


def _free_port(preferred):
    """A free port of the loopback interface: the preferred one if it can be had."""
    for number in (preferred, 0):
        with socket.socket() as probe:
            # as PostgreSQL does: connections that have just ended do not hold a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number or 0))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise Problem("No free port on 127.0.0.1 for PostgreSQL.")


def _make_role(psql):
    command = f"CREATE ROLE {USER} LOGIN CREATEDB PASSWORD '{password(USER)}'"
    run(
        [psql, "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", command],
        what="Making Odoo's role",
        env=environment(ADMIN),
    )
    _marker("role").touch()
