"""Measurements, side by side in one run. Slow or fast, they pass: see `make bench`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
