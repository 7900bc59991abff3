"""The company's web site, where the email's links lead: what is in ``pages``."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGES = Path(__file__).parent / "pages"


class Site:
    """Serves the pages, from this process.

    ``requests`` holds the request targets as they came, byte for byte.
    """

    def __init__(self):
        self.requests = []
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), partial(_Handler, self.requests, directory=PAGES)
        )
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, targets, *args, **kwargs):
        self._targets = targets
        super().__init__(*args, **kwargs)

    def do_GET(self):
        self._targets.append(self.path)
        return super().do_GET()

    def log_message(self, *args):
        """Nobody reads it."""
