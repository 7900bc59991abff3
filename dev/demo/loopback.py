"""Find free ports of the loopback interface, and send HTTP requests there."""

import errno
import socket

import requests

from ..setup.console import Problem


def http_session():
    """Make a session that goes there directly, whatever proxy the environment names.

    :rtype: requests.Session
    """
    session = requests.Session()
    session.trust_env = False
    return session


def free_port(preferred=None):
    """Find a port that nothing listens on: the preferred one where it is free.

    Free at 127.0.0.1 and at ::1: a browser may take ``localhost`` for either.

    :raise Problem: when there is none
    """
    for number in (preferred, 0, 0, 0):
        found = _bind(socket.AF_INET, "127.0.0.1", number or 0)
        if found and (not socket.has_ipv6 or _bind(socket.AF_INET6, "::1", found)):
            return found
    raise Problem("No free port on 127.0.0.1: what listens there? (ss -ltnp)")


def _bind(family, address, number):
    """Bind a port and give its number, None where that fails."""
    with socket.socket(family) as probe:
        # as servers do: connections that have just ended do not hold a port
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, number))
        except OSError as error:
            # a machine without IPv6 on its loopback interface is fine
            return number if family == socket.AF_INET6 and not _in_use(error) else None
        return probe.getsockname()[1]


def _in_use(error):
    return error.errno == errno.EADDRINUSE
