"""The way customers come to Odoo: over the internet, through a proxy.

The person who tries the demo is the salesperson and the customer, at one computer and
in one browser: without this, the addon would take the customer for a colleague, and
rightly so.
"""

import http.client
from functools import partial
from http.server import BaseHTTPRequestHandler

from .threaded_server import ThreadedServer

CUSTOMER = "203.0.113.7"  # an address for documentation, RFC 5737
SECONDS = 60
# of this connection, not of the next one: RFC 9110, section 7.6.1
HOP_BY_HOP = frozenset(("connection", "keep-alive", "transfer-encoding", "upgrade"))


class Gateway(ThreadedServer):
    """A reverse proxy in front of Odoo.

    Its name is another than the salesperson's, whose session (a cookie of localhost)
    does not follow the customer into the email's links.

    :param int port: of Odoo
    """

    def __init__(self, port):
        super().__init__(partial(_Handler, port))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, port, *args, **kwargs):
        self._port = port
        super().__init__(*args, **kwargs)

    def _forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {
            **self.headers,
            "X-Forwarded-For": CUSTOMER,
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
            self.send_error(502)  # Odoo is not there, or no more
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
        """Nobody reads it."""
