"""Build the responses to requests for tracked URLs."""

from base64 import b64decode

from . import address

PREFIX = "/t/"  # the path of every tracked URL begins with it
IMAGE_SUFFIX = ".gif"
OBJECTION_PATH = "stop/"  # before the token
CHECK_SUFFIX = ".check"  # after the token of the self-test
IMAGE_TYPE = "image/gif"
# One transparent pixel, GIF89a: 43 bytes.
IMAGE = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
# Each request is an event: caches must not answer it.
NO_STORE = "no-store, private"
# The environ of a request has this key if its database exists. If Odoo then finds no
# database, the database is temporarily not available.
HAS_DATABASE = "pipeline_tracking.has_database"
RETRY_SECONDS = 60

METHODS = ("GET", "HEAD")

# Our header, and the headers that Odoo adds to responses of controllers and to images.
_ALWAYS = [("Cache-Control", NO_STORE), ("X-Content-Type-Options", "nosniff")]
_IMAGE_HEADERS = [
    ("Content-Type", IMAGE_TYPE),
    ("Content-Length", str(len(IMAGE))),
    ("Content-Security-Policy", "default-src 'none'"),
    *_ALWAYS,
]


def image(method):
    """Build the response with the image, identical to the controller's response.

    :param str method: the HTTP method, GET or HEAD
    :return: status line, headers and body, for WSGI (PEP 3333)
    :rtype: tuple[str, list[tuple[str, str]], list[bytes]]
    """
    return "200 OK", list(_IMAGE_HEADERS), [] if method == "HEAD" else [IMAGE]


def redirect(url):
    """Build the response that redirects to a URL, identical to the controller's
    response.

    :param str url: the destination
    :return: status line, headers and body, for WSGI (PEP 3333)
    :rtype: tuple[str, list[tuple[str, str]], list[bytes]]
    """
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", "0"),
        ("Location", address.to_location_header(url)),
        *_ALWAYS,
    ]
    return "302 FOUND", headers, []
