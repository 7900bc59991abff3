"""Announce how long the set-up takes and how much disk space it needs."""

from . import paths, source
from .console import say

# (seconds, gigabytes) on a machine with two processors and a fast network
PYTHON_PACKAGES = (100, 0.7)
ODOO = (30, 1.3)
DEMO = (100, 0.3)  # PostgreSQL, the inbox, and a database with demo data
DEMO_COMMANDS = ("demo", "smoke")
INBOX = paths.GROUND / "inbox"  # missing before the first demo


def announce(command):
    """Print the duration and the disk space, if a large part of .dev/ is missing.

    :param str command: the command that needs the environment, such as ``demo``
    """
    missing = []
    if not paths.PYTHON.exists():
        missing.append(PYTHON_PACKAGES)
    if not source.folder().exists():
        missing.append(ODOO)
    if not missing:
        return
    is_first_demo = command in DEMO_COMMANDS and not INBOX.exists()
    if is_first_demo:
        missing.append(DEMO)
    seconds, gigabytes = map(sum, zip(*missing, strict=True))
    cost = f"{duration(seconds)} and {gigabytes:.1f} GB of disk space"
    if is_first_demo:
        say(f"The first `make {command}` takes {cost} in .dev/.")
    else:
        say(f"Setting up .dev/ takes {cost}.")


def duration(seconds):
    """Round a duration for people: "about 20 seconds", "about 4 minutes".

    :param float seconds:
    :rtype: str
    """
    if seconds < 50:
        return f"about {max(1, round(seconds / 10)) * 10} seconds"
    minutes = round(seconds / 60)
    return "about 1 minute" if minutes == 1 else f"about {minutes} minutes"
