"""What a recipient's mail client is answered."""

from base64 import b64decode

from . import address

PREFIX = "/t/"  # of the path of every tracked URL
IMAGE_SUFFIX = ".gif"
OBJECTION_PATH = "stop/"  # before the token
CHECK_SUFFIX = ".check"  # of the self-test's
IMAGE_TYPE = "image/gif"
# One transparent pixel, GIF89a: 43 bytes.
IMAGE = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
# Each request is an event of its own: nothing on the way may answer in our place.
NO_STORE = "no-store, private"
# In a request's environ: there is a database for it. If Odoo finds none, it is away.
HAS_DATABASE = "pipeline_tracking.has_database"
RETRY_SECONDS = 60

METHODS = ("GET", "HEAD")

# Ours, and what Odoo adds to every answer of a controller, and to images.
_ALWAYS = [("Cache-Control", NO_STORE), ("X-Content-Type-Options", "nosniff")]
_IMAGE_HEADERS = [
    ("Content-Type", IMAGE_TYPE),
    ("Content-Length", str(len(IMAGE))),
    ("Content-Security-Policy", "default-src 'none'"),
    *_ALWAYS,
]


def image(method):
    """The image, as the controller and Odoo would answer it together.

    :param str method: of the request: GET or HEAD
    :return: status line, headers and body, for WSGI (PEP 3333)
    :rtype: tuple[str, list[tuple[str, str]], list[bytes]]
    """
    return "200 OK", list(_IMAGE_HEADERS), [] if method == "HEAD" else [IMAGE]


def redirect(url):
    """The same of a redirect.

    :param str url: where to
    """
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", "0"),
        ("Location", address.to_location_header(url)),
        *_ALWAYS,
    ]
    return "302 FOUND", headers, []
