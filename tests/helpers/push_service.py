"""A push service, as browsers' vendors run it, and browsers that subscribe to it.

The service decrypts each message with the key of its browser (RFC 8291).
"""

import base64
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()


class PushService:
    """Run the service until the end of a `with` block.

    :ivar list received: (name of the browser, message as a dictionary), oldest first
    :ivar int status: the HTTP status of the answers
    """

    def __init__(self):
        self.clear()

    def clear(self):
        self.received = []
        self.status = 201
        self.browsers = {}  # path -> (name, private key, secret)

    def __enter__(self):
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if service.status == 201:
                    service.receive(self.path, self.headers, content)
                self.send_response(service.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                """Write no log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()

    def subscribe(self, name):
        """Subscribe a browser; return what the browser registers with Odoo.

        :rtype: dict
        """
        private_key, secret = ec.generate_private_key(CURVE), os.urandom(16)
        path = f"/push/{len(self.browsers)}-{secret.hex()}"
        self.browsers[path] = name, private_key, secret
        return {
            "endpoint": f"http://127.0.0.1:{self.server.server_port}{path}",
            "expirationTime": None,
            "keys": {
                "p256dh": _encode(_get_public_bytes(private_key)),
                "auth": _encode(secret),
            },
        }

    def receive(self, path, headers, content):
        assert headers["Authorization"].startswith("vapid t="), headers
        assert headers["Content-Encoding"] == "aes128gcm", headers
        assert len(content) <= 4096, len(content)
        name, private_key, secret = self.browsers[path]
        self.received.append((name, json.loads(_decrypt(content, private_key, secret))))


def _decrypt(content, private_key, secret):
    """Decrypt a message of one record.

    :rtype: bytes
    """
    salt, length = content[:16], content[20]
    sender_key, encrypted = content[21 : 21 + length], content[21 + length :]
    shared = private_key.exchange(
        ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender_key)
    )
    info = b"WebPush: info\x00" + _get_public_bytes(private_key) + sender_key
    key = _derive(shared, secret, info, 32)
    padded = AESGCM(_derive(key, salt, b"Content-Encoding: aes128gcm\x00", 16)).decrypt(
        _derive(key, salt, b"Content-Encoding: nonce\x00", 12), encrypted, None
    )
    return padded.rstrip(b"\x00")[:-1]


def _derive(secret, salt, info, length):
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _get_public_bytes(private_key):
    return private_key.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )


def _encode(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
