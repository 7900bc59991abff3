"""Print messages for people, and run other programs."""

import os
import subprocess
import sys
import time

from . import paths


class Problem(Exception):
    """A failure whose message tells what to do; shown without a traceback."""


def say(text):
    """Print one line of progress (to stderr: stdout is the program's that is run)."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class step:
    """Say what is done and how many seconds it took: ``with step("Doing it"):``."""

    def __init__(self, title):
        self.title = title

    def __enter__(self):
        self.start = time.monotonic()
        say(f"==> {self.title}")
        return self

    def __exit__(self, exc_type, exc, tb):
        if exc_type is None:
            say(f"    done in {time.monotonic() - self.start:.0f} s")


def run(command, *, what, hint="", log=None, script="", **kwargs):
    """Run a program with its output in a log file.

    :param list command: program and arguments
    :param str what: what failed, for the message ("Installing the Python packages")
    :param str hint: what the reader can do about it
    :param str log: name of the log file (default: the program's name)
    :param str script: what the program reads from its standard input
    :raise Problem: when the program is missing or fails; with the end of its output
    """
    command = [str(part) for part in command]
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log = paths.LOGS / f"{log or os.path.basename(command[0])}.log"
    with log.open("w+b") as output:
        try:
            code = subprocess.run(
                command,
                input=script.encode(),
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                **kwargs,
            ).returncode
        except FileNotFoundError as error:
            raise Problem(
                f"{what} failed: the program {command[0]} is missing. {hint}"
            ) from error
        output.seek(0)
        tail = output.read().decode(errors="replace").strip().splitlines()[-15:]
    if code:
        lines = "\n    ".join(tail)
        raise Problem(
            f"{what} failed (exit status {code} of {command[0]}; all of its output: "
            f"{log}).\n"
            f"    {lines}\n{hint}"
        )


def output(command, **kwargs):
    """Give a program's standard output, stripped; None when it is missing or fails."""
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
