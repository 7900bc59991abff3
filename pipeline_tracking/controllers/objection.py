from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from ..tools import responses, tracking_token
from .common import PAGE_POLICY, PublicTokenController


class ObjectionController(PublicTokenController, http.Controller):
    """Let the recipient of a tracked email object to being tracked. A GET request
    changes nothing: scanners follow links.
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
        objection_token = self._verify(text, tracking_token.OBJECTION)
        if not objection_token:  # there may be no database, and no environment
            return self._render_error(NotFound())
        emails = self._get_sudo_env()["trackable.email"]
        email = emails._find_by_token(objection_token)
        if not email:
            return self._render_error(NotFound())
        if request.httprequest.method != "POST":
            is_objecting = email._has_recipient_objected()
            return self._render_page(
                "objection_exists" if is_objecting else "objection_ask"
            )
        email._record_objection_by_link()
        return self._render_page("objection_done")
