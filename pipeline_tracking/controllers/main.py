from base64 import b64decode

from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect

from odoo import SUPERUSER_ID, http
from odoo.http import Response, request

from ..tools import token

IMAGE_SUFFIX = ".gif"
# One transparent pixel, GIF89a: 43 bytes.
IMAGE = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
# Each request is an event of its own: nothing on the way may answer in our place.
NO_STORE = "no-store, private"
PURPOSE_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


class TrackingController(http.Controller):
    """The address of every image and link in a tracked email."""

    @http.route(
        "/t/<path:text>",
        type="http",
        auth="none",
        methods=["GET"],  # and HEAD
        readonly=False,
        save_session=False,
    )
    def follow(self, text, **_query):
        # Our URLs have no query. What someone appended (utm_source=…) would have
        # other modules set cookies.
        request.params = {}
        if text.endswith(IMAGE_SUFFIX):
            response = self._answer_image(text.removesuffix(IMAGE_SUFFIX))
        else:
            response = self._answer_link(text)
        response.headers["Cache-Control"] = NO_STORE
        return response

    def _answer_image(self, text):
        """The image, whatever the token is: a mail never shows a broken one."""
        opened = self._verify(text, token.OPEN)
        if opened:
            self._record(opened)
        return Response(IMAGE, mimetype="image/gif")

    def _answer_link(self, text):
        """On to the destination, or a plain 404."""
        clicked = self._verify(text, token.LINK)
        url = clicked and self._env()["trackable.link"]._find_destination(clicked)
        if not url:
            return Response.load(NotFound().get_response(request.httprequest.environ))
        self._record(clicked)
        return redirect(url, code=302, Response=Response)

    def _verify(self, text, kind):
        try:
            return token.verify(text, kind, self._env()["trackable.key"]._get_keys())
        except token.InvalidToken:
            return None

    def _record(self, hit_token):
        http_request = request.httprequest
        headers = http_request.headers
        self._env()["trackable.hit"]._record(
            hit_token,
            method=http_request.method,
            ip=http_request.remote_addr or "",
            user_agent=headers.get("User-Agent", ""),
            purpose=" ".join(filter(None, map(headers.get, PURPOSE_HEADERS))),
        )

    def _env(self):
        # Superuser: the request has no user, and the token is what gives it rights.
        return request.env(user=SUPERUSER_ID, su=True)
