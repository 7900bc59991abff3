import json
import time

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import Response, request

from ..tools import request_info, responses, tracking_token
from .common import PublicTokenController


class SelfTestController(PublicTokenController, http.Controller):
    """Answer requests of the self-test, which this server sends like a mail client."""

    @http.route(
        f"{responses.PREFIX}<string:text>{responses.CHECK_SUFFIX}",
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
    )
    def check(self, text, **_query):
        """Return a description of this request, if its token was signed with a key of
        this database in the last minute. Otherwise return a 404.
        """
        environ = request.httprequest.environ
        if self._is_fresh_check(text):
            description = {
                "database": request.db,
                "has_lane": responses.HAS_DATABASE in environ,
                "request": request_info.describe_proxy(environ),
            }
            response = Response(json.dumps(description), mimetype="application/json")
        else:
            response = self._render_error(NotFound())
        response.headers["Cache-Control"] = responses.NO_STORE
        return response

    def _is_fresh_check(self, text):
        """Return whether a key of the database signed this token in the last minute."""
        check_token = self._verify(text, tracking_token.CHECK)
        return check_token is not None and tracking_token.is_fresh(
            check_token, time.time()
        )
