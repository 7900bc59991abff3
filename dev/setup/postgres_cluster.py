"""Make the private PostgreSQL cluster, and start its server."""

import os
import shutil
import socket
import time

from .console import Problem, run

# what is in the cluster can be made again, so it never waits for the disk
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "500",  # test runs have one process for each processor
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "log_min_messages": "fatal",  # tests provoke errors on purpose
}


def make(initdb, data, admin, password_file):
    """Make the cluster, after removing what is left of an unfinished one.

    :param list initdb: how to run initdb
    :param Path data: the cluster's folder
    :param str admin: the name of its superuser
    :param Path password_file: holds the superuser's password
    """
    shutil.rmtree(data, ignore_errors=True)
    run(
        [
            *initdb,
            f"--pgdata={data}",
            f"--username={admin}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        what="Making the PostgreSQL cluster",
        log="initdb",
        cwd="/",
    )
    with (data / "postgresql.conf").open("a") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())


def start(pg_ctl, data, port_file):
    """Start the server on the port it had before, or on another that is free.

    :param list pg_ctl: how to run pg_ctl
    :param Path data: the cluster's folder
    :param Path port_file: where the port is kept
    :raise Problem: when it does not start
    """
    pid = process_id(data)
    if pid and os.path.exists(f"/proc/{pid}"):
        # the server was killed, and its process id is another program's by now, which
        # PostgreSQL would take for its own
        (data / "postmaster.pid").unlink()
    log = data / "server.log"
    preferred = int(port_file.read_text()) if port_file.exists() else None
    for attempts_left in (4, 3, 2, 1, 0):
        port = _free_port(preferred)
        port_file.write_text(str(port))
        try:
            run(
                [*pg_ctl, "start", "-w", "-D", data, "-l", log, "-o", f"-p {port}"],
                what="Starting PostgreSQL",
                hint=(
                    f"Its own log: {log}. If the cluster is broken, `rm -rf "
                    f"{data.parent}` (its databases with it) and `make setup` make a "
                    "new one."
                ),
                log="postgres-start",
                cwd="/",
            )
        except Problem:
            # somebody took the port, or sessions of a killed server are still ending
            if not attempts_left:
                raise
            time.sleep(2)
            preferred = None
        else:
            return


def process_id(data):
    """Give the process id that a cluster's server has, or had before it was killed."""
    try:
        return int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _free_port(preferred):
    """Find a free port of the loopback interface, the preferred one if it is free."""
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
