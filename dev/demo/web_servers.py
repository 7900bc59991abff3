"""Serve the customer's side of the demo: a gateway to Odoo, and the company's website.

The same person plays the salesperson and the customer, in the same browser. Without
the gateway, the addon would rightly take the customer for a colleague.
"""

import http.client
import threading
from functools import partial
from http.server import (
    BaseHTTPRequestHandler,
    SimpleHTTPRequestHandler,
    ThreadingHTTPServer,
)
from pathlib import Path

PAGES = Path(__file__).parent / "pages"

CUSTOMER = "203.0.113.7"  # reserved for documentation, RFC 5737
SECONDS = 60
# headers that a proxy must not forward: RFC 9110, section 7.6.1
HOP_BY_HOP = frozenset(("connection", "keep-alive", "transfer-encoding", "upgrade"))


class _ThreadedServer:
    """An HTTP server in this process, on a free port of the loopback interface.

    :param handler: the request handler, as in `ThreadingHTTPServer`
    """

    def __init__(self, handler):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class Gateway(_ThreadedServer):
    """A reverse proxy in front of Odoo, for the customer's requests.

    Its host name differs from the salesperson's, so the browser does not send the
    salesperson's session cookie (of localhost) with the email's links.

    All requests come from `CUSTOMER`, unless a script names another address in the
    header ``X-Forwarded-For``.

    :param int port: of Odoo
    """

    def __init__(self, port):
        super().__init__(partial(_GatewayHandler, port))


class _GatewayHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, port, *args, **kwargs):
        self._port = port
        super().__init__(*args, **kwargs)

    def _forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {
            **self.headers,
            "X-Forwarded-For": self.headers.get("X-Forwarded-For", CUSTOMER),
            "X-Forwarded-Host": self.headers["Host"],
            "X-Forwarded-Proto": "http",
            "Connection": "close",
        }
        odoo = http.client.HTTPConnection("127.0.0.1", self._port, timeout=SECONDS)
        try:
            odoo.request(self.command, self.path, body, headers)
            answer = odoo.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.send_error(502)  # Odoo has not started or has ended
            return
        finally:
            odoo.close()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_OPTIONS = _forward

    def log_message(self, *args):
        """Log nothing."""


class Site(_ThreadedServer):
    """The company's website, the destination of the email's links.

    ``requests`` lists the request targets byte for byte.
    """

    def __init__(self):
        self.requests = []
        super().__init__(partial(_SiteHandler, self.requests, directory=PAGES))


class _SiteHandler(SimpleHTTPRequestHandler):
    def __init__(self, targets, *args, **kwargs):
        self._targets = targets
        super().__init__(*args, **kwargs)

    def do_GET(self):
        self._targets.append(self.path)
        return super().do_GET()

    def log_message(self, *args):
        """Log nothing."""
