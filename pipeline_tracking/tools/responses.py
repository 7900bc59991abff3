"""Build the answers to requests for tracked URLs."""

from base64 import b64decode

from . import address

PREFIX = "/t/"  # of the path of every tracked URL
IMAGE_SUFFIX = ".gif"
OBJECTION_PATH = "stop/"  # before the token
CHECK_SUFFIX = ".check"  # of the self-test
IMAGE_TYPE = "image/gif"
# One transparent pixel, GIF89a: 43 bytes.
IMAGE = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
# Each request is an event: no cache on the way may answer it.
NO_STORE = "no-store, private"
# A key of a request's environ: a database exists for it. If Odoo finds no database
# then, the database is away for a while.
HAS_DATABASE = "pipeline_tracking.has_database"
RETRY_SECONDS = 60

METHODS = ("GET", "HEAD")

# Our header, and the headers that Odoo adds to answers of controllers and to images.
_ALWAYS = [("Cache-Control", NO_STORE), ("X-Content-Type-Options", "nosniff")]
_IMAGE_HEADERS = [
    ("Content-Type", IMAGE_TYPE),
    ("Content-Length", str(len(IMAGE))),
    ("Content-Security-Policy", "default-src 'none'"),
    *_ALWAYS,
]


def image(method):
    """Build the answer with the image, the same as that of the controller and Odoo.

    :param str method: of the request: GET or HEAD
    :return: status line, headers and body, for WSGI (PEP 3333)
    :rtype: tuple[str, list[tuple[str, str]], list[bytes]]
    """
    return "200 OK", list(_IMAGE_HEADERS), [] if method == "HEAD" else [IMAGE]


def redirect(url):
    """Build the answer that redirects to a URL, the same as that of the controller and
    Odoo.

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
