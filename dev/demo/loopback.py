"""Find free ports of the loopback interface, and send HTTP requests there."""

import errno
import socket

import requests

from ..setup.console import Problem


def http_session():
    """Make a session that ignores the proxies of the environment.

    :rtype: requests.Session
    """
    session = requests.Session()
    session.trust_env = False
    return session


def free_port(preferred=None):
    """Return the preferred port if it is free, or another free port.

    The port is free at 127.0.0.1 and at ::1: ``localhost`` can mean either.

    :raise Problem: when there is no free port
    """
    for number in (preferred, 0, 0, 0):
        port = _bind(socket.AF_INET, "127.0.0.1", number or 0)
        if port and (not socket.has_ipv6 or _bind(socket.AF_INET6, "::1", port)):
            return port
    raise Problem(
        "127.0.0.1 has no free port. List the programs that listen there with "
        "`ss -ltnp`."
    )


def _bind(family, address, number):
    """Bind a port; return its number, or None if that fails."""
    with socket.socket(family) as probe:
        # servers do this too: ended connections then do not block the port
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, number))
        except OSError as error:
            # accept a loopback interface without IPv6
            return number if family == socket.AF_INET6 and not _in_use(error) else None
        return probe.getsockname()[1]


def _in_use(error):
    return error.errno == errno.EADDRINUSE
