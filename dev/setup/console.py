"""Print messages for people, and run other programs."""

import os
import subprocess
import sys
import time

from . import paths

SHOW_SECONDS = 0.5  # between two looks at a program's progress
LOG_SECONDS = 10  # between two lines of progress where stderr is no terminal


class Problem(Exception):
    """A failure whose message tells people what to do. No traceback is shown."""


def say(text):
    """Print a line to stderr. Stdout belongs to the program that a command runs."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class step:
    """Print a step's title, and its duration at the end: ``with step("Building"):``."""

    def __init__(self, title):
        self.title = title

    def __enter__(self):
        self.start = time.monotonic()
        say(f"==> {self.title}")
        return self

    def __exit__(self, exc_type, exc, tb):
        if exc_type is None:
            say(f"    done in {time.monotonic() - self.start:.0f} s")


class _ProgressLine:
    """Show a program's progress: one line on a terminal, a few lines in a log."""

    def __init__(self):
        self._is_terminal = sys.stderr.isatty()
        self._last = ""
        self._next_time = time.monotonic() + LOG_SECONDS

    def show(self, text):
        if not text or text == self._last:
            return
        if self._is_terminal:
            sys.stderr.write(f"\r\033[K    {text}")
            sys.stderr.flush()
        elif time.monotonic() >= self._next_time:
            say(f"    {text}")
            self._next_time = time.monotonic() + LOG_SECONDS
        else:
            return
        self._last = text

    def clear(self):
        if self._is_terminal and self._last:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def run(command, *, what, hint="", log=None, script="", progress=None, **kwargs):
    """Run a program with its output in a log file.

    :param list command: program and arguments
    :param str what: the task, for the error message ("Installing the Python packages")
    :param str hint: what people can do when the program fails
    :param str log: name of the log file (default: the program's name)
    :param str script: text for the program's standard input
    :param progress: a function that turns the output so far into a short text, such as
        "12 of 90", which is shown while the program runs
    :raise Problem: when the program is missing or fails; with the end of its output
    """
    command = [str(part) for part in command]
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log = paths.LOGS / f"{log or os.path.basename(command[0])}.log"
    with log.open("w+b") as output:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                **kwargs,
            )
        except FileNotFoundError as error:
            raise Problem(
                f"{what} failed: the program {command[0]} is missing. {hint}"
            ) from error
        with process:
            _wait(process, script.encode(), log, progress)
    if process.returncode:
        tail = _read(log).strip().splitlines()[-15:]
        lines = "\n    ".join(tail)
        raise Problem(
            f"{what} failed: {command[0]} ended with exit status {process.returncode}. "
            f"Its full output is in {log}. The last lines:\n"
            f"    {lines}\n{hint}"
        )


def _wait(process, script, log, progress):
    """Wait for a program to end; show its progress meanwhile."""
    line = _ProgressLine()
    interval = SHOW_SECONDS if progress else None
    try:
        while True:
            try:
                process.communicate(script, timeout=interval)
                return
            except subprocess.TimeoutExpired:
                script = None  # it was sent by the first call
                line.show(progress(_read(log)))
    except BaseException:
        process.kill()
        raise
    finally:
        line.clear()


def _read(file):
    return file.read_text(errors="replace")


def output(command, **kwargs):
    """Return a program's stripped standard output; None if it is missing or fails."""
    try:
        result = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **kwargs,
        )
    except OSError:
        return None
    return None if result.returncode else result.stdout.strip()
