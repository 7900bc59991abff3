"""Send requests from this server to itself, over the address that recipients use.

Requests go to configured addresses only, and contain no input of a user. Redirects are
reported, not followed.
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

TIMEOUT_SECONDS = 5  # for a connection, and for an answer: Odoo needs much less
MAX_BYTES = 4096  # of an answer
HEALTH_PATH = "/web/health"  # Odoo's health check, which needs no database
USER_AGENT = "Mozilla/5.0 (compatible; pipeline_tracking self-test)"
MAX_DETAIL = 200  # characters of an error message

# Failures, and the exceptions that cause them. The first match counts.
_FAILURES = (
    (UNTRUSTED, ssl.SSLCertVerificationError),
    (TLS, ssl.SSLError),
    (DNS, (socket.gaierror, UnicodeError)),
    (REFUSED, ConnectionRefusedError),
    (TIMEOUT, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)),
)


def probe_url(url, token_text):
    """Request tracked URLs at this address, like an email client.

    :param str url: base URL of tracked URLs, without a slash at the end
    :param str token_text: a signed token of the self-test
    :rtype: Probe
    """
    with requests.Session() as session:
        session.trust_env = False  # without proxies and passwords of this machine
        session.headers["User-Agent"] = USER_AGENT
        try:
            return _probe_with_session(session, url, token_text)
        except (requests.RequestException, UnicodeError) as error:
            failure, detail = _explain(error)
            return Probe(failure=failure, detail=detail)


def _probe_with_session(session, url, token_text):
    status, location, body = _request(session, url + ANY_IMAGE)
    if location:
        return Probe(status=status, location=location)
    if body != responses.IMAGE:
        # Is it Odoo that does not know the address, or a proxy before it?
        _status, _location, health = _request(session, url + HEALTH_PATH)
        is_odoo = "status" in _parse_json_object(health)
        return Probe(status=status, is_odoo=is_odoo)
    status, location, body = _request(
        session, f"{url}{responses.PREFIX}{token_text}{responses.CHECK_SUFFIX}"
    )
    return Probe(
        status=status, is_image=True, is_odoo=True, check=_parse_json_object(body)
    )


def _request(session, url):
    """Send one GET request.

    :return: status, redirect location or "", and the beginning of the body
    :rtype: tuple[int, str, bytes]
    """
    with session.get(
        url,
        allow_redirects=False,
        stream=True,
        timeout=(TIMEOUT_SECONDS, TIMEOUT_SECONDS),
    ) as response:
        location = response.headers.get("Location", "") if response.is_redirect else ""
        try:
            body = response.raw.read(MAX_BYTES, decode_content=True)
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(error) from error
        return response.status_code, location, body


def _parse_json_object(body):
    """Parse a JSON object.

    :return: empty if the body is not a JSON object
    :rtype: dict
    """
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _explain(error):
    """Explain why there was no answer.

    :return: one of the failures, and a detail or ""
    :rtype: tuple[str, str]
    """
    causes = _collect_causes(error)
    for failure, classes in _FAILURES:
        for cause in causes:
            if isinstance(cause, classes):
                return failure, getattr(cause, "verify_message", "")
    return BROKEN, str(error)[:MAX_DETAIL]


def _collect_causes(error):
    """Return an error and all errors that led to it, wherever they are attached.

    :rtype: list[BaseException]
    """
    causes, candidates = [], [error]
    while candidates:
        candidate = candidates.pop(0)
        if isinstance(candidate, BaseException) and not any(
            candidate is cause for cause in causes
        ):
            causes.append(candidate)
            candidates += [
                candidate.__cause__,
                candidate.__context__,
                *candidate.args,
                getattr(candidate, "reason", None),
            ]
    return causes
