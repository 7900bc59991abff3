"""The company's web site, where the email's links lead: what is in ``pages``."""

from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

from .threaded_server import ThreadedServer

PAGES = Path(__file__).parent / "pages"


class Site(ThreadedServer):
    """Serves the pages.

    ``requests`` holds the request targets as they came, byte for byte.
    """

    def __init__(self):
        self.requests = []
        super().__init__(partial(_Handler, self.requests, directory=PAGES))


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, targets, *args, **kwargs):
        self._targets = targets
        super().__init__(*args, **kwargs)

    def do_GET(self):
        self._targets.append(self.path)
        return super().do_GET()

    def log_message(self, *args):
        """Nobody reads it."""
