"""List, clone, rename and drop databases together with their filestores.

Names begin with ``pttest_``, which the configuration of ``dev/odoo`` hides, and a mark
of this checkout, since several checkouts can share a server. A process that uses a
database holds a lock on a file of that name. The system frees the lock when the process
ends, so a database with a free lock is left over from a killed run.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil

import psycopg2
from psycopg2 import sql

from . import paths, postgres
from .console import Problem

PREFIX = f"pttest_{hashlib.sha256(os.fsencode(paths.ROOT)).hexdigest()[:6]}_"
LOCKS = paths.GROUND / "locks"


def connect(database=None):
    """Connect in autocommit mode, by default to the maintenance database.

    :raise Problem: when the server does not answer
    """
    settings = postgres.environment()
    try:
        connection = psycopg2.connect(
            dbname=database or settings.get("PGDATABASE") or "postgres",
            host=settings["PGHOST"],
            port=settings.get("PGPORT"),
            user=settings.get("PGUSER"),
            password=settings.get("PGPASSWORD"),
        )
    except psycopg2.OperationalError as error:
        raise Problem(
            f"PostgreSQL does not answer. Check the server and the variables PGHOST, "
            f"PGPORT, PGUSER and PGPASSWORD, if you set them. The error: {error}"
        ) from error
    connection.autocommit = True
    return contextlib.closing(connection)


def _execute(statement, *names):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _end_sessions(name):
    """End the sessions of this role in a database, without waiting for their end."""
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND usename = current_user",
            [name],
        )


def names():
    """List the databases of this checkout's test runs, sorted by name."""
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY "
            "datname",
            [PREFIX],
        )
        return [name for (name,) in cursor.fetchall()]


def new_name(kind):
    """Return a new random name for a database."""
    return f"{PREFIX}{kind}_{secrets.token_hex(4)}"


def filestore(name):
    """Return the folder of a database's attachments."""
    return paths.DATA_DIR / "filestore" / name


def run_config(name):
    """Return the path of the configuration file of a database's test run."""
    return paths.GROUND / "runs" / f"{name}.conf"


def run_data_dir(name):
    """Make Odoo's data folder for one process of a test run; return its path.

    Each process has its own sessions. All processes share the filestores, which are
    named after their databases.
    """
    folder = run_config(name).with_suffix("")
    folder.mkdir(parents=True)
    (folder / "filestore").symlink_to(paths.DATA_DIR / "filestore")
    return folder


def create(name):
    """Make an empty database with the settings that Odoo uses."""
    _execute(
        "CREATE DATABASE {} ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0", name
    )


def clone(template, name):
    """Copy a database and its filestore.

    The copied files are hard links, which costs nearly nothing. This is safe because
    Odoo never changes a file of the filestore; it writes a new file instead.
    """
    _execute("CREATE DATABASE {} TEMPLATE {}", name, template)
    if filestore(template).exists():
        shutil.copytree(filestore(template), filestore(name), copy_function=os.link)


def rename(old, new):
    """Rename a database and its filestore."""
    shutil.rmtree(filestore(new), ignore_errors=True)
    if filestore(old).exists():
        filestore(old).rename(filestore(new))
    _execute("ALTER DATABASE {} RENAME TO {}", old, new)


def drop(name):
    """Remove a database and its filestore, even while it has connections."""
    _end_sessions(name)
    # Not WITH (FORCE): PostgreSQL 15 then refuses an ordinary role while autovacuum is
    # in the database. Without it, PostgreSQL ends autovacuum, and waits five seconds
    # for all sessions to end.
    _execute("DROP DATABASE IF EXISTS {}", name)
    shutil.rmtree(filestore(name), ignore_errors=True)
    (LOCKS / name).unlink(missing_ok=True)
    run_config(name).unlink(missing_ok=True)
    shutil.rmtree(run_config(name).with_suffix(""), ignore_errors=True)


@contextlib.contextmanager
def held(name, exclusive=False, wait=True):
    """Hold the lock of a database name: shared to use it, exclusive to make or drop it.

    :param bool wait: if false, return None at once when another process holds the lock
    :return int: the lock's file descriptor; a child process that inherits the
        descriptor also holds the lock
    """
    LOCKS.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(LOCKS / name, os.O_CREAT | os.O_RDWR)
    kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    try:
        fcntl.flock(descriptor, kind if wait else kind | fcntl.LOCK_NB)
    except BlockingIOError:
        yield None
    else:
        yield descriptor
    finally:
        os.close(descriptor)


def collect_garbage(keep=()):
    """Drop unused databases: stale templates, leftovers of killed runs.

    :param keep: names of databases to keep
    """
    for name in set(names()) - set(keep):
        with held(name, exclusive=True, wait=False) as lock:
            if lock is not None:
                drop(name)
