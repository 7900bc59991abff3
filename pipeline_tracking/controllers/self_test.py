import json
import time

from werkzeug.exceptions import NotFound

from odoo import SUPERUSER_ID, http
from odoo.http import Response, request

from ..tools import answer, proxy, token


class SelfTestController(http.Controller):
    """Where the self-test asks this server, from outside, as a mail client would."""

    @http.route(
        f"{answer.PREFIX}<string:text>{answer.CHECK_SUFFIX}",
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
        if self._is_ours(text):
            found = {
                "database": request.db,
                "has_lane": answer.HAS_DATABASE in environ,
                "request": proxy.describe(environ),
            }
            response = Response(json.dumps(found), mimetype="application/json")
        else:
            response = Response.load(NotFound().get_response(environ))
        response.headers["Cache-Control"] = answer.NO_STORE
        return response

    def _is_ours(self, text):
        """Whether a database was found, and a key of it has signed this just now."""
        if not request.db or "trackable.key" not in request.env:
            return False
        # Superuser: the request has no user, and the token is what gives it rights.
        env = request.env(user=SUPERUSER_ID, su=True)
        try:
            check = token.verify(text, token.CHECK, env["trackable.key"]._get_keys())
        except token.InvalidToken:
            return False
        return token.is_fresh(check, time.time())
