"""Run the programs of a demo, each in a process group that ends with the demo."""

import contextlib
import os
import shutil
import signal
import subprocess
import time

import requests

from ..setup import paths
from ..setup.console import Problem
from . import loopback

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY_SECONDS = 120
STOP_SECONDS = 15


class Process:
    """A program that serves HTTP.

    :param str title: for messages
    :param str log: name of the file in .dev/logs for the output
    :param list command: program and arguments
    :param locks: file descriptors that the program inherits
    """

    def __init__(self, title, log, command, locks=(), **kwargs):
        self.title = title
        paths.LOGS.mkdir(parents=True, exist_ok=True)
        self.log = paths.LOGS / f"{log}.log"
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [*_ends_with_us(), *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal must reach this process only, which then stops
                # the programs in order
                start_new_session=True,
                pass_fds=locks,
                **kwargs,
            )

    def check(self):
        """:raise Problem: when the program has ended, with the end of its output"""
        code = self._process.poll()
        if code is not None:
            raise Problem(
                f"{self.title} ended unexpectedly (exit status {code}). {self.tail()}"
            )

    def wait_ready(self, url):
        """Wait until the program answers at a URL.

        :raise Problem: when the program ends, or does not answer in time
        """
        http = loopback.http_session()
        give_up = time.monotonic() + READY_SECONDS
        while time.monotonic() < give_up:
            self.check()
            with contextlib.suppress(requests.ConnectionError, requests.Timeout):
                if http.get(url, timeout=10).ok:
                    return
            time.sleep(0.1)
        raise Problem(
            f"{self.title} does not answer at {url} within {READY_SECONDS} s. "
            f"{self.tail()}"
        )

    def tail(self):
        """Return the last lines of the output, and the file with the full output."""
        lines = self.log.read_text(errors="replace").splitlines()[-30:]
        title = f"Its full output is in {self.log}. The last lines:"
        return "\n    ".join([title, *lines])

    def stop(self):
        """Stop the process group: ask first, then kill."""
        ignore_signals()
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
                return


def _ends_with_us():
    """Return the words that make a command end if this process is killed."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


@contextlib.contextmanager
def signals_end():
    """Turn signals into exceptions inside the block, so that clean-up runs."""
    before = {number: signal.signal(number, _end) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals():
    """Ignore further signals, which would interrupt the clean-up."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _end(number, _frame):
    ignore_signals()
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)
