"""The lane: answer most requests to tracked URLs before Odoo looks up a session, a
registry and a route. It exists only if this module is server-wide.

The lane answers and records like the controllers. It leaves other requests to them: for
files, with an invalid token, with a cookie, or for a database that is not available.
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
    """Put the lane before Odoo, if the module is server-wide. Odoo also calls this when
    it loads a registry: then the server has taken `http.root`, and it is too late.
    """
    if is_server_wide() and not isinstance(http.root, Lane):
        http.root = Lane(http.root)


class Lane:
    """WSGI middleware (PEP 3333) in place of Odoo's application. It has all attributes
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
        if _is_tracked_url(environ):
            _reset_query_log()
            try:
                response = self._answer(environ)
            except Unavailable as error:
                environ[responses.HAS_DATABASE] = True
                if isinstance(error, Unreachable):
                    databases.expire_list()
                _logger.warning("Left to the controllers: %s", error)
            # An error of the lane: the recipient gets an answer from the controllers.
            except Exception:
                _logger.exception("Left to the controllers: what the lane could not do")
        if not response:
            return self._app(environ, start_response)
        status, headers, body = response
        start_response(status, headers)
        return body

    def _answer(self, environ):
        """Record a request, and return its response; None if the controllers are to
        answer.

        :rtype: tuple[str, list, list] | None
        :raise Unavailable: the database cannot be used
        """
        request = _apply_proxy_headers(environ)
        token_text = request["PATH_INFO"].removeprefix(responses.PREFIX)
        is_image = token_text.endswith(responses.IMAGE_SUFFIX)
        token_text = token_text.removesuffix(responses.IMAGE_SUFFIX)
        # The lane finds the database of the self-test, and leaves the answer.
        database_and_source = databases.find_for_request(
            request["HTTP_HOST"], token_text.removesuffix(responses.CHECK_SUFFIX)
        )
        if not database_and_source:
            return None
        environ[responses.HAS_DATABASE] = True
        database, is_named_by_token = database_and_source
        response = None
        try:
            if _is_get_without_cookie(request):
                record = _record_open if is_image else _record_click
                response = self._record(database, record, token_text, request)
        finally:
            if is_named_by_token and not response:
                _set_database_header(environ, database)
        return response

    def _record(self, database, record, token_text, request):
        """Record a request with a connection to its database.

        :param record: `_record_open` or `_record_click`
        :return: the response; None if the controllers are to answer
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


def _is_tracked_url(environ):
    """Return whether the request is for a tracked URL, and names no database."""
    return (
        environ.get("PATH_INFO", "").startswith(responses.PREFIX)
        and "HTTP_HOST" in environ
        and DATABASE_HEADER not in environ
    )


def _is_get_without_cookie(request):
    """Return whether a mail client can have sent the request. A colleague's browser
    sends a cookie.
    """
    has_method = request["REQUEST_METHOD"] in responses.METHODS
    return has_method and "HTTP_COOKIE" not in request


def _record_open(connection, token_text, request_details):
    """Record an open.

    :return: the response, and whether a hit was appended; None if the controllers are
        to answer
    :raise psycopg2.Error:
    """
    open_token = _verify(connection, token_text, tracking_token.OPEN)
    if not open_token:
        return None
    is_appended = connection.record_open(open_token, request_details)
    return responses.image(request_details["method"]), is_appended


def _record_click(connection, token_text, request_details):
    """Record a click, as `_record_open` does an open."""
    link_token = _verify(connection, token_text, tracking_token.LINK)
    click = link_token and connection.record_click(link_token, request_details)
    if not click:
        return None
    url, is_appended = click
    return responses.redirect(url), is_appended


def _verify(connection, token_text, kind):
    """Return the token of this kind, if a key of the database signed it, or None."""
    try:
        return tracking_token.verify(token_text, kind, connection.keys)
    except tracking_token.InvalidToken:
        return None


def _apply_proxy_headers(environ):
    """Return the request as Odoo sees it: with the address and host that a trusted
    proxy forwards.

    :return: a copy of the environ
    :rtype: dict
    """
    request = dict(environ)
    if config["proxy_mode"] and environ.get("HTTP_X_FORWARDED_HOST"):
        # It changes its argument, and calls an application, which does nothing here.
        http.ProxyFix(lambda *_arguments: [])(request, None)
    return request


def _set_database_header(environ, database):
    """Tell Odoo to use the database that the token names. The cookie of a session of
    another database is removed.

    :param dict environ: changed
    """
    store = http.root.session_store
    session_id = parse_cookie(environ).get("session_id")
    if session_id and store.is_valid_key(session_id):
        if store.get(session_id).db == database:
            return
    environ.pop("HTTP_COOKIE", None)
    environ[DATABASE_HEADER] = database


def _reset_query_log():
    """Reset what Odoo's log shows of this thread's previous request, as Odoo does for
    its own requests.
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
    """Show one query of this duration in Odoo's log."""
    thread = threading.current_thread()
    thread.query_count, thread.query_time = 1, seconds
    thread.cursor_mode = "rw"
