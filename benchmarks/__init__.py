"""Measure the addon, Odoo and OCA's mail_tracking in one run (`make bench`).

A slow result does not fail the run.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def say(line):
    """Print a line and flush it, so that people see the progress."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
