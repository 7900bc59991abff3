"""Run the programs of a demo, each in a process group that is stopped with it."""

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

    :param str title: for people
    :param str log: name of the file in .dev/logs that gets its output
    :param list command: program and arguments
    :param locks: file descriptors it inherits
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
                # Ctrl-C in the terminal reaches us alone: we stop it, in our order
                start_new_session=True,
                pass_fds=locks,
                **kwargs,
            )

    def check(self):
        """:raise Problem: when the program has ended, with the end of its output"""
        code = self._process.poll()
        if code is not None:
            raise Problem(f"{self.title} has ended (exit status {code}). {self.tail()}")

    def wait_ready(self, url):
        """Wait until it answers.

        :raise Problem: when it ends instead, or does not answer in time
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
            f"{self.title} does not answer at {url} after {READY_SECONDS} s. "
            f"{self.tail()}"
        )

    def tail(self):
        """Give the end of its output, and name the file with all of it."""
        lines = self.log.read_text(errors="replace").splitlines()[-30:]
        return "\n    ".join([f"All of its output: {self.log}; the end of it:", *lines])

    def stop(self):
        """Stop its process group, asked first."""
        ignore_signals()
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
                return


def _ends_with_us():
    """Give words before a command that stop it also when this process is killed."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


@contextlib.contextmanager
def signals_end():
    """Raise inside the block on a signal: programs are stopped on the way out."""
    before = {number: signal.signal(number, _end) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals():
    """Ignore further signals: they would interrupt the way out."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _end(number, _frame):
    ignore_signals()
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)
