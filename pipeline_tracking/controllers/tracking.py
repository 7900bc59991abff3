import logging

from werkzeug.exceptions import (
    MethodNotAllowed,
    NotFound,
    RequestedRangeNotSatisfiable,
    ServiceUnavailable,
)
from werkzeug.http import parse_content_range_header

from odoo import http
from odoo.http import Response, _Response, request

from ..tools import address, request_info, responses, tracking_token
from .common import PublicTokenController

_logger = logging.getLogger(__name__)

# Whatever a file is, nothing in it runs or loads, should a browser show it after all.
FILE_POLICY = "default-src 'none'; sandbox"
# Bytes: no request that we answer has a body.
MAX_BODY = 10_000


class ExactRedirect(_Response):
    """A 302 to the destination as it was written. Werkzeug's would write it anew:
    ``[x]`` as ``%5Bx%5D``, and without an empty fragment.
    """

    def __init__(self, url):
        super().__init__(status=302)
        self.location_header = address.to_location_header(url)

    def get_wsgi_headers(self, environ):
        headers = super().get_wsgi_headers(environ)
        headers["Location"] = self.location_header
        return headers


class TrackingController(PublicTokenController, http.Controller):
    """The address of every image and link in a tracked email."""

    @http.route(
        "/t/<path:text>",
        type="http",
        auth="none",
        # Any method: those we do not have are answered here, so that no cache keeps it.
        csrf=False,
        max_content_length=MAX_BODY,
        readonly=False,
        save_session=False,
    )
    def follow(self, text, **_query):
        # Our URLs have no query. What someone appended (utm_source=…) would have
        # other modules set cookies.
        request.params = {}
        if request.httprequest.method not in responses.METHODS:
            response = self._answer_error(MethodNotAllowed(responses.METHODS))
        elif text.endswith(responses.IMAGE_SUFFIX):
            response = self._answer_image(text.removesuffix(responses.IMAGE_SUFFIX))
        else:
            response = self._answer_link(text)
        response.headers["Cache-Control"] = responses.NO_STORE
        return response

    def _answer_image(self, text):
        """The image, whatever the token is: a mail never shows a broken one."""
        opened = self._verify(text, tracking_token.OPEN)
        if opened:
            self._record(opened)
        return Response(responses.IMAGE, mimetype=responses.IMAGE_TYPE)

    def _answer_link(self, text):
        """On to the destination, or the file; or a plain 404."""
        clicked = self._verify(text, tracking_token.LINK)
        found = clicked and self._env()["trackable.link"]._find_destination(clicked)
        if not found:
            return self._answer_error(self._get_error())
        if found.is_disabled and not found.is_file:
            return self._answer_page("link_disabled", 410)
        if found.is_file:
            return self._answer_file(clicked, found)
        self._record(clicked)
        # In Odoo's own wrapper: it would have any other response change its class.
        return Response(ExactRedirect(found.url))

    def _answer_file(self, clicked, found):
        """The file, or a part of it; or a page that says that it was withdrawn."""
        if found.is_disabled or not found.attachment_id:
            return self._answer_page("file_withdrawn", 410, file_name=found.label)
        env = self._env()
        try:
            stream = env["ir.binary"]._get_stream_from(
                env["ir.attachment"].browse(found.attachment_id)
            )
        except OSError:
            _logger.exception("Attachment %s has no file", found.attachment_id)
            return self._answer_error(NotFound())
        self._drop_odd_range(stream.size)
        try:
            response = stream.get_response(
                as_attachment=True, content_security_policy=FILE_POLICY
            )
        except RequestedRangeNotSatisfiable as error:
            return self._answer_error(error)
        response.headers["Accept-Ranges"] = "bytes"  # so that a download can go on
        if response.status_code != 304:  # which sends nothing of the file
            self._record(clicked, is_part=self._is_part(response))
        return response

    def _drop_odd_range(self, size):
        """What makes no sense as a range, is several, or more than all: then all of the
        file is sent (RFC 9110, sections 14.1.2 and 14.2), where Werkzeug would refuse.

        :param int size: of the file, in bytes
        """
        asked = request.httprequest.range
        is_odd = not asked or asked.units != "bytes" or len(asked.ranges) != 1
        if is_odd or asked.ranges[0][0] <= -size:
            request.httprequest.environ.pop("HTTP_RANGE", None)

    def _is_part(self, response):
        """Tell whether an answer is less than the whole file. All parts of a download
        are recorded as hits: which of them are one download is decided when they are
        processed, see `merge_download_parts`.
        """
        part = parse_content_range_header(response.headers.get("Content-Range"))
        return bool(part) and part.stop - part.start < part.length

    def _get_error(self):
        """Why a link leads nowhere; for as long as the database is away, nobody knows.

        :rtype: werkzeug.exceptions.HTTPException
        """
        if not request.db and responses.HAS_DATABASE in request.httprequest.environ:
            return ServiceUnavailable(retry_after=responses.RETRY_SECONDS)
        return NotFound()

    def _record(self, hit_token, is_part=False):
        self._env()["trackable.hit"]._record(
            hit_token,
            **request_info.describe_request(request.httprequest.environ),
            # Odoo has checked the session: of one that is good no more, it is None.
            user_id=request.session.uid,
            is_part=is_part,
        )
