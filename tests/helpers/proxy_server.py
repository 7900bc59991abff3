"""An HTTP proxy in front of Odoo that works or misbehaves as a test needs."""

import contextlib
import datetime
import http.server
import ipaddress
import ssl
import threading

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LOCALHOST = "127.0.0.1"


class ProxyServer(http.server.ThreadingHTTPServer):
    """A proxy on a free loopback port.

    :param answer: function of a handler that answers its request
    :param Path certificate: file with certificate and key, to serve HTTPS
    :ivar list asked: paths of all requests
    """

    daemon_threads = True

    def __init__(self, answer, certificate=None):
        super().__init__((LOCALHOST, 0), _handler(answer))
        self.asked = []
        self.url = f"http://{LOCALHOST}:{self.server_port}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.url = self.url.replace("http:", "https:")

    def handle_error(self, request, client_address):
        """Ignore clients that hang up because they do not trust the certificate."""


def _handler(answer):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            answer(self)

        def log_message(self, *args):
            """Log nothing."""

    return Handler


@contextlib.contextmanager
def proxy_server(answer, **options):
    """Run a proxy until the end of the block.

    :rtype: ProxyServer
    """
    with ProxyServer(answer, **options) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def reply(handler, status, body=b"", **headers):
    """Answer a request without asking Odoo."""
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def pass_on(url, **headers):
    """Return an answer function that passes requests on to an Odoo server.

    :param headers: headers to add to each request, with ``_`` for ``-``
    """
    added = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(handler):
        response = requests.get(
            url + handler.path,
            headers={**handler.headers, **added},
            allow_redirects=False,
            timeout=30,
        )
        reply(handler, response.status_code, response.content)

    return answer


def self_signed(folder):
    """Write a self-signed certificate for this machine, and return its file.

    :param Path folder: folder of the file
    :rtype: Path
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, LOCALHOST)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address(LOCALHOST))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file
