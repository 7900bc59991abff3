import json
import time

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import Response, request

from ..tools import request_info, responses, tracking_token
from .common import PublicTokenController


class SelfTestController(PublicTokenController, http.Controller):
    """Where the self-test asks this server, from outside, as a mail client would."""

    @http.route(
        f"{responses.PREFIX}<string:text>{responses.CHECK_SUFFIX}",
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
    )
    def check(self, text, **_query):
        """What came of the request, for whoever has a key of this very database, and
        signed with it in the last minute. For everybody else there is nothing here.
        """
        environ = request.httprequest.environ
        if self._is_fresh_check(text):
            found = {
                "database": request.db,
                "has_lane": responses.HAS_DATABASE in environ,
                "request": request_info.describe_proxy(environ),
            }
            response = Response(json.dumps(found), mimetype="application/json")
        else:
            response = self._render_error(NotFound())
        response.headers["Cache-Control"] = responses.NO_STORE
        return response

    def _is_fresh_check(self, text):
        """Whether a database was found, and a key of it has signed this just now."""
        check = self._verify(text, tracking_token.CHECK)
        return check is not None and tracking_token.is_fresh(check, time.time())
