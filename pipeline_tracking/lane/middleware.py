"""The fast lane: answer most requests to tracked URLs before Odoo looks up a session, a
registry and a route. The lane exists only if the addon is in ``server_wide_modules``.

The lane answers and records like the controllers. The controllers answer requests that
the lane does not handle, for example:

- requests with a cookie, or with a method other than GET and HEAD;
- requests for files, for the objection page and for the self-test;
- requests with an invalid token, or for a deleted or disabled link;
- requests for a database that is not available.
"""

import logging
import threading
import time

from werkzeug.http import parse_cookie

from odoo import http
from odoo.tools import config

from ..cron_wakeup import wakeup_timer
from ..tools import request_info, responses, tracking_token
from .connections import ConnectionPool, Unavailable, Unreachable
from .databases import DATABASE_HEADER, databases, is_server_wide

_logger = logging.getLogger(__name__)


def post_load():
    """Put the lane before Odoo, if the addon is server-wide.

    For a module that is not server-wide, Odoo calls this function when it loads a
    registry. At that time the server already holds `http.root`: it is too late.
    """
    if is_server_wide() and not isinstance(http.root, Lane):
        http.root = Lane(http.root)


class Lane:
    """WSGI middleware (PEP 3333) that wraps Odoo's application, and has the attributes
    of the application.

    :param app: Odoo's application
    """

    def __init__(self, app):
        vars(self).update(_app=app, _pool=ConnectionPool())

    def __getattr__(self, name):
        return getattr(self._app, name)

    def __setattr__(self, name, value):
        setattr(self._app, name, value)

    def __delattr__(self, name):
        delattr(self._app, name)

    def __call__(self, environ, start_response):
        response = None
        if _may_handle(environ):
            _reset_query_log()
            try:
                response = self._answer(environ)
            except Unavailable as error:
                environ[responses.HAS_DATABASE] = True
                if isinstance(error, Unreachable):
                    databases.expire_list()
                _logger.warning("The controllers answer a request: %s", error)
            # Our error: the controllers answer, so that the recipient gets the content.
            except Exception:
                _logger.exception("The controllers answer a request: the lane failed")
        if not response:
            return self._app(environ, start_response)
        status, headers, body = response
        start_response(status, headers)
        return body

    def _answer(self, environ):
        """Record a request, and return its response, or None if the controllers must
        answer.

        :rtype: tuple[str, list, list] | None
        :raise Unavailable: the database cannot be used
        """
        request = _apply_proxy_headers(environ)
        token_text = request["PATH_INFO"].removeprefix(responses.PREFIX)
        is_image = token_text.endswith(responses.IMAGE_SUFFIX)
        token_text = token_text.removesuffix(responses.IMAGE_SUFFIX)
        # For the self-test, the lane only finds the database. The controllers answer.
        database_and_source = databases.find_for_request(
            request["HTTP_HOST"], token_text.removesuffix(responses.CHECK_SUFFIX)
        )
        if not database_and_source:
            return None
        environ[responses.HAS_DATABASE] = True
        database, is_named_by_token = database_and_source
        response = None
        try:
            if _may_answer(request):
                record = _record_open if is_image else _record_click
                response = self._record(database, record, token_text, request)
        finally:
            if is_named_by_token and not response:
                _set_database_header(environ, database)
        return response

    def _record(self, database, record, token_text, request):
        """Record a request with a connection to its database.

        :param record: `_record_open` or `_record_click`
        :return: the response, or None if the controllers must answer
        """
        threading.current_thread().dbname = database
        request_details = request_info.describe_request(request)
        start = time.time()
        response_and_appended = self._pool.call_with_connection(
            database,
            lambda connection: record(connection, token_text, request_details),
        )
        if not response_and_appended:
            return None
        _log_one_query(time.time() - start)
        response, is_appended = response_and_appended
        if is_appended:
            wakeup_timer.request_run(database)
        return response


def _may_handle(environ):
    """Return whether the lane handles a request: a request to a tracked URL, without a
    header that chooses the database. Odoo evaluates that header.
    """
    return (
        environ.get("PATH_INFO", "").startswith(responses.PREFIX)
        and "HTTP_HOST" in environ
        and DATABASE_HEADER not in environ
    )


def _may_answer(request):
    """Return whether the lane may answer a request: GET or HEAD, without a cookie. A
    cookie may belong to the session of a colleague. The controllers answer other
    methods with an error.
    """
    has_method = request["REQUEST_METHOD"] in responses.METHODS
    return has_method and "HTTP_COOKIE" not in request


def _record_open(connection, token_text, request_details):
    """Record an open.

    :return: the response, and whether a hit was appended; None if the controllers must
        answer
    :raise psycopg2.Error:
    """
    open_token = _verify(connection, token_text, tracking_token.OPEN)
    if not open_token:
        return None
    is_appended = connection.record_open(open_token, request_details)
    return responses.image(request_details["method"]), is_appended


def _record_click(connection, token_text, request_details):
    """Record a click. Parameters and result are those of `_record_open`."""
    link_token = _verify(connection, token_text, tracking_token.LINK)
    click = link_token and connection.record_click(link_token, request_details)
    if not click:
        return None
    url, is_appended = click
    return responses.redirect(url), is_appended


def _verify(connection, token_text, kind):
    """Return the token, or None if no key of the database signed this kind of token."""
    try:
        return tracking_token.verify(token_text, kind, connection.keys)
    except tracking_token.InvalidToken:
        return None


def _apply_proxy_headers(environ):
    """Apply the headers of a trusted proxy, as Odoo does: the client's address and the
    host.

    :return: a copy of the environ
    :rtype: dict
    """
    request = dict(environ)
    if config["proxy_mode"] and environ.get("HTTP_X_FORWARDED_HOST"):
        # ProxyFix changes the environ and calls an application: an empty function.
        http.ProxyFix(lambda *_arguments: [])(request, None)
    return request


def _set_database_header(environ, database):
    """Make Odoo use the database that the token names. Drop cookies, unless they belong
    to a session of that database.

    :param dict environ: changed in place
    """
    store = http.root.session_store
    session_id = parse_cookie(environ).get("session_id")
    if session_id and store.is_valid_key(session_id):
        if store.get(session_id).db == database:
            return
    environ.pop("HTTP_COOKIE", None)
    environ[DATABASE_HEADER] = database


def _reset_query_log():
    """Reset the values that Odoo's log shows for a request. Odoo does the same at the
    start of a request, and threads are reused.
    """
    thread = threading.current_thread()
    thread.query_count, thread.query_time = 0, 0
    thread.perf_t0 = time.time()
    thread.cursor_mode = None
    for name in ("dbname", "uid"):
        if hasattr(thread, name):
            delattr(thread, name)
    http.thread_local.rpc_model_method = ""


def _log_one_query(seconds):
    """Let Odoo's log show one query of this duration for the request."""
    thread = threading.current_thread()
    thread.query_count, thread.query_time = 1, seconds
    thread.cursor_mode = "rw"
