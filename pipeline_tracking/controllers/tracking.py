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

# If a browser shows a file, the file cannot run scripts or load anything.
FILE_POLICY = "default-src 'none'; sandbox"
MAX_BODY = 10_000  # bytes; valid requests have no body


class ExactRedirect(_Response):
    """Redirect (302) to a URL, byte for byte. Werkzeug would change the URL:
    ``[x]`` becomes ``%5Bx%5D``, and an empty fragment is lost.
    """

    def __init__(self, url):
        super().__init__(status=302)
        self.location_header = address.to_location_header(url)

    def get_wsgi_headers(self, environ):
        headers = super().get_wsgi_headers(environ)
        headers["Location"] = self.location_header
        return headers


class TrackingController(PublicTokenController, http.Controller):
    """Answer and record requests for the images, links and files of tracked emails."""

    @http.route(
        "/t/<path:text>",
        type="http",
        auth="none",
        # Any method: error responses need the Cache-Control header, too.
        csrf=False,
        max_content_length=MAX_BODY,
        readonly=False,
        save_session=False,
    )
    def follow(self, text, **_query):
        # Tracked URLs have no query. Appended parameters (utm_source=…) would make
        # other modules set cookies.
        request.params = {}
        if request.httprequest.method not in responses.METHODS:
            response = self._render_error(MethodNotAllowed(responses.METHODS))
        elif text.endswith(responses.IMAGE_SUFFIX):
            response = self._answer_image(text.removesuffix(responses.IMAGE_SUFFIX))
        else:
            response = self._answer_link(text)
        response.headers["Cache-Control"] = responses.NO_STORE
        return response

    def _answer_image(self, text):
        """Answer with the image, even if the token is invalid: an email must not show a
        broken image.
        """
        open_token = self._verify(text, tracking_token.OPEN)
        if open_token:
            self._record(open_token)
        return Response(responses.IMAGE, mimetype=responses.IMAGE_TYPE)

    def _answer_link(self, text):
        """Redirect to the destination, or answer with the file or an error page."""
        link_token = self._verify(text, tracking_token.LINK)
        destination = None
        if link_token:  # without a token, there may be no database and no environment
            links = self._get_sudo_env()["trackable.link"]
            destination = links._find_destination_by_token(link_token)
        if not destination:
            return self._render_error(self._get_link_error())
        if destination.is_disabled and not destination.is_file:
            return self._render_page("link_disabled", 410)
        if destination.is_file:
            return self._answer_file(link_token, destination)
        self._record(link_token)
        # Without Odoo's wrapper, Odoo would change the class of the response.
        return Response(ExactRedirect(destination.url))

    def _answer_file(self, link_token, destination):
        """Answer with the file or the requested part of it, or with a page that says
        that the file was withdrawn.
        """
        if destination.is_disabled or not destination.attachment_id:
            return self._render_page("file_withdrawn", 410, file_name=destination.label)
        env = self._get_sudo_env()
        try:
            stream = env["ir.binary"]._get_stream_from(
                env["ir.attachment"].browse(destination.attachment_id)
            )
        except OSError:
            _logger.exception("Attachment %s has no file", destination.attachment_id)
            return self._render_error(NotFound())
        self._drop_invalid_range(stream.size)
        try:
            response = stream.get_response(
                as_attachment=True, content_security_policy=FILE_POLICY
            )
        except RequestedRangeNotSatisfiable as error:
            return self._render_error(error)
        # A client can resume a download.
        response.headers["Accept-Ranges"] = "bytes"
        if response.status_code != 304:  # a 304 sends no content
            self._record(link_token, is_part=self._is_partial(response))
        return response

    def _drop_invalid_range(self, size):
        """Drop the Range header if it is malformed, has several parts or is larger than
        the file. The response is then the whole file (RFC 9110, sections 14.1.2 and
        14.2). Werkzeug would refuse such a range.

        :param int size: the file's size in bytes
        """
        file_range = request.httprequest.range
        is_invalid = (
            not file_range
            or file_range.units != "bytes"
            or len(file_range.ranges) != 1
            or file_range.ranges[0][0] <= -size
        )
        if is_invalid:
            request.httprequest.environ.pop("HTTP_RANGE", None)

    def _is_partial(self, response):
        """Return whether a response is only a part of the file. Each part is a hit:
        `merge_download_parts` later merges the parts of a download.
        """
        part = parse_content_range_header(response.headers.get("Content-Range"))
        return bool(part) and part.stop - part.start < part.length

    def _get_link_error(self):
        """Return the error for a link without a destination: 503 while the database is
        not available, otherwise 404.

        :rtype: werkzeug.exceptions.HTTPException
        """
        if not request.db and responses.HAS_DATABASE in request.httprequest.environ:
            return ServiceUnavailable(retry_after=responses.RETRY_SECONDS)
        return NotFound()

    def _record(self, hit_token, is_part=False):
        self._get_sudo_env()["trackable.hit"]._record(
            hit_token,
            **request_info.describe_request(request.httprequest.environ),
            # Odoo has checked the session: uid is None if the session is not valid.
            user_id=request.session.uid,
            is_part=is_part,
        )
