"""Requests of this server to itself, over the address that recipients use.

Nothing that a user typed is in what is asked for: the address is the configured one,
and where it leads on to is told, not followed.
"""

import json
import socket
import ssl

import requests
import urllib3.exceptions

from ...tools import responses
from ...tools.self_test import (
    ANY_IMAGE,
    BROKEN,
    DNS,
    REFUSED,
    TIMEOUT,
    TLS,
    UNTRUSTED,
    Probe,
)

SECONDS = 5  # for a connection, and for an answer: Odoo has both in much less
MAX_BYTES = 4096  # of an answer
HEALTH = "/web/health"  # Odoo's own, which needs no database
USER_AGENT = "Mozilla/5.0 (compatible; pipeline_tracking self-test)"
MAX_DETAIL = 200  # characters of what is told of an error

# What there is among the causes of an error, the most telling first.
_FAILURES = (
    (UNTRUSTED, ssl.SSLCertVerificationError),
    (TLS, ssl.SSLError),
    (DNS, (socket.gaierror, UnicodeError)),
    (REFUSED, ConnectionRefusedError),
    (TIMEOUT, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)),
)


def ask(url, text):
    """What a mail client would meet that asks for tracked URLs at this address.

    :param str url: that tracked URLs begin with, without a slash at the end
    :param str text: of a token of the self-test, signed
    :rtype: Probe
    """
    with requests.Session() as session:
        session.trust_env = False  # no proxy of this machine's, no passwords of ours
        session.headers["User-Agent"] = USER_AGENT
        try:
            return _ask(session, url, text)
        except (requests.RequestException, UnicodeError) as error:
            failure, detail = _explain(error)
            return Probe(failure=failure, detail=detail)


def _ask(session, url, text):
    status, location, body = _get(session, url + ANY_IMAGE)
    if location:
        return Probe(status=status, location=location)
    if body != responses.IMAGE:
        # Is it Odoo that does not know the address, or a proxy before it?
        _status, _location, health = _get(session, url + HEALTH)
        is_odoo = "status" in _read(health)
        return Probe(status=status, is_odoo=is_odoo)
    status, location, body = _get(
        session, f"{url}{responses.PREFIX}{text}{responses.CHECK_SUFFIX}"
    )
    return Probe(status=status, is_image=True, is_odoo=True, check=_read(body))


def _get(session, url):
    """:return: status, where it redirects to or "", and the beginning of the body"""
    with session.get(
        url, allow_redirects=False, stream=True, timeout=(SECONDS, SECONDS)
    ) as response:
        location = response.headers.get("Location", "") if response.is_redirect else ""
        try:
            body = response.raw.read(MAX_BYTES, decode_content=True)
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(error) from error
        return response.status_code, location, body


def _read(body):
    """:return: what is in a JSON object; nothing where it is none"""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _explain(error):
    """Why there was no answer: one of the failures, and what else is to be told.

    :rtype: tuple[str, str]
    """
    causes = _causes(error)
    for failure, classes in _FAILURES:
        for cause in causes:
            if isinstance(cause, classes):
                return failure, getattr(cause, "verify_message", "")
    return BROKEN, str(error)[:MAX_DETAIL]


def _causes(error):
    """An error, and all that led to it, wherever they were put."""
    seen, left = [], [error]
    while left:
        cause = left.pop(0)
        if isinstance(cause, BaseException) and not any(cause is one for one in seen):
            seen.append(cause)
            left += [cause.__cause__, cause.__context__, *cause.args]
            left.append(getattr(cause, "reason", None))
    return seen
