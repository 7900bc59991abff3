"""Measurements, side by side in one run. Slow or fast, they pass: see `make bench`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def say(line):
    """A line for who looks on, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
