from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from ..tools import responses, tracking_token
from .common import PAGE_POLICY, PublicTokenController


class ObjectionController(PublicTokenController, http.Controller):
    """Where the recipient of a tracked email objects to being tracked. Scanners follow
    links: to look changes nothing.
    """

    # No CSRF token: the link is the secret, and there is no session to misuse.
    @http.route(
        f"{responses.PREFIX}{responses.OBJECTION_PATH}<string:text>",
        type="http",
        auth="none",
        methods=["GET", "POST"],
        readonly=False,
        save_session=False,
        csrf=False,
    )
    def object(self, text, **_parameters):
        request.params = {}
        response = self._answer_objection(text)
        response.headers["Cache-Control"] = responses.NO_STORE
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    def _answer_objection(self, text):
        verified = self._verify(text, tracking_token.OBJECTION)
        email = verified and self._env()["trackable.email"]._find_by_token(verified)
        if not email:
            return self._answer_error(NotFound())
        if request.httprequest.method != "POST":
            return self._answer_page("objection_ask")
        email._object_by_link()
        return self._answer_page("objection_done")
