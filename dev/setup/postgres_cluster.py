"""Make the private PostgreSQL cluster, and start its server."""

import os
import shutil
import socket
import time

from .console import Problem, run

# the data can be made again, so the cluster need not wait for the disk
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
    """Make the cluster; remove an unfinished cluster first.

    :param list initdb: the command that runs initdb
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
    """Start the server on its previous port, or on another free port.

    :param list pg_ctl: the command that runs pg_ctl
    :param Path data: the cluster's folder
    :param Path port_file: the file that holds the port
    :raise Problem: when the server does not start
    """
    pid = process_id(data)
    if pid and os.path.exists(f"/proc/{pid}"):
        # the server was killed and another program has its process id, so PostgreSQL
        # would think that it still runs
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
                    f"PostgreSQL's log is {log}. If the cluster is broken, make a new "
                    f"cluster: `rm -rf {data.parent}` deletes it with its databases, "
                    "`make setup` makes another."
                ),
                log="postgres-start",
                cwd="/",
            )
        except Problem:
            # another program took the port, or sessions of a killed server still end
            if not attempts_left:
                raise
            time.sleep(2)
            preferred = None
        else:
            return


def process_id(data):
    """Return the process id of a cluster's server, which may have been killed."""
    try:
        return int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _free_port(preferred):
    """Return the preferred port if it is free on loopback, or another free port."""
    for number in (preferred, 0):
        with socket.socket() as probe:
            # PostgreSQL does this too: ended connections then do not block the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number or 0))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise Problem(
        "PostgreSQL cannot start: 127.0.0.1 has no free port. List the programs that "
        "listen there with `ss -ltnp`."
    )
