"""The lane: where this module is one of the server-wide ones, most requests to tracked
URLs are answered here, before Odoo looks up a session, a registry and a route.

It decides nothing on its own: what it answers, it answers and records as the
controllers do. What it does not know goes on to them: a file, a token that is not good,
a cookie, a database that is not there.
"""

import logging
import threading
import time

from werkzeug.http import parse_cookie

from odoo import http
from odoo.tools import config

from ..cron_wakeup import wakeup_timer
from ..tools import request_info, responses, tracking_token
from .connections import Pool, Unavailable, Unreachable
from .databases import HEADER, databases, is_server_wide

_logger = logging.getLogger(__name__)


def post_load():
    """Put the lane before Odoo, where the server is about to take `http.root`. Odoo
    calls this also when it loads a registry: then it is too late, and there is none.
    """
    if is_server_wide() and not isinstance(http.root, Lane):
        http.root = Lane(http.root)


class Lane:
    """WSGI middleware (PEP 3333). It takes the place of Odoo's application, and has all
    of that one's attributes.

    :param app: what comes next
    """

    def __init__(self, app):
        vars(self).update(_app=app, _pool=Pool())

    def __getattr__(self, name):
        return getattr(self._app, name)

    def __setattr__(self, name, value):
        setattr(self._app, name, value)

    def __delattr__(self, name):
        delattr(self._app, name)

    def __call__(self, environ, start_response):
        answered = None
        if _is_tracked_url(environ):
            _reset_query_log()
            try:
                answered = self._answer(environ)
            except Unavailable as error:
                environ[responses.HAS_DATABASE] = True
                if isinstance(error, Unreachable):
                    databases.forget()
                _logger.warning("Left to the controllers: %s", error)
            except (
                Exception
            ):  # a mistake of ours: the recipient is answered all the same
                _logger.exception("Left to the controllers: what the lane could not do")
        if not answered:
            return self._app(environ, start_response)
        status, headers, body = answered
        start_response(status, headers)
        return body

    def _answer(self, environ):
        """The answer to a request, which is recorded by then; None where it is one for
        the controllers.

        :rtype: tuple[str, list, list] | None
        :raise Unavailable: the database is
        """
        request = _apply_proxy_headers(environ)
        text = request["PATH_INFO"].removeprefix(responses.PREFIX)
        is_image = text.endswith(responses.IMAGE_SUFFIX)
        text = text.removesuffix(responses.IMAGE_SUFFIX)
        # The self-test's token tells the database, and nothing that is answered here.
        named = text.removesuffix(responses.CHECK_SUFFIX)
        found = databases.find_for_request(request["HTTP_HOST"], named)
        if not found:
            return None
        environ[responses.HAS_DATABASE] = True
        database, is_named = found
        answered = None
        try:
            if _is_get_without_cookie(request):
                record = _record_open if is_image else _record_click
                answered = self._record(database, record, text, request)
        finally:
            if is_named and not answered:
                _set_database_header(environ, database)
        return answered

    def _record(self, database, record, text, request):
        threading.current_thread().dbname = database
        described = request_info.describe_request(request)
        start = time.time()
        recorded = self._pool.run(
            database, lambda session: record(session, text, described)
        )
        if not recorded:
            return None
        _log_one_query(time.time() - start)
        answered, is_appended = recorded
        if is_appended:
            wakeup_timer.request_run(database)
        return answered


def _is_tracked_url(environ):
    """Whether it is for a tracked URL, and leaves it to us to find the database."""
    return (
        environ.get("PATH_INFO", "").startswith(responses.PREFIX)
        and "HTTP_HOST" in environ
        and HEADER not in environ
    )


def _is_get_without_cookie(request):
    """Whether it is what mail clients send, and no colleague's."""
    is_method_right = request["REQUEST_METHOD"] in responses.METHODS
    return is_method_right and "HTTP_COOKIE" not in request


def _record_open(session, text, described):
    """
    :return: the answer, and whether a hit was appended; None where the controllers are
        to answer
    :raise psycopg2.Error:
    """
    opened = _verify(session, text, tracking_token.OPEN)
    if not opened:
        return None
    is_appended = session.record_open(opened, described)
    return responses.image(described["method"]), is_appended


def _record_click(session, text, described):
    clicked = _verify(session, text, tracking_token.LINK)
    found = clicked and session.record_click(clicked, described)
    if not found:
        return None
    url, is_appended = found
    return responses.redirect(url), is_appended


def _verify(session, text, kind):
    try:
        return tracking_token.verify(text, kind, session.keys)
    except tracking_token.InvalidToken:
        return None


def _apply_proxy_headers(environ):
    """The request as Odoo will see it: what a trusted proxy says of it is applied.

    :return: a copy
    :rtype: dict
    """
    request = dict(environ)
    if config["proxy_mode"] and environ.get("HTTP_X_FORWARDED_HOST"):
        # It changes what it is given, and calls the application, of which Odoo needs
        # as little.
        http.ProxyFix(lambda *_arguments: [])(request, None)
    return request


def _set_database_header(environ, database):
    """Have Odoo take the database that the token names. A session of another one, if
    there is any, is none of this request's.

    :param dict environ: changed
    """
    store = http.root.session_store
    session_id = parse_cookie(environ).get("session_id")
    if session_id and store.is_valid_key(session_id):
        if store.get(session_id).db == database:
            return
    environ.pop("HTTP_COOKIE", None)
    environ[HEADER] = database


def _reset_query_log():
    """What Odoo's log tells of a thread's request: nothing of the one before. The same
    as Odoo does for its own.
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
    """One query, of so many seconds."""
    thread = threading.current_thread()
    thread.query_count, thread.query_time = 1, seconds
    thread.cursor_mode = "rw"
