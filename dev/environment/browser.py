"""The browser for the browser tests: the system's Chromium or Chrome."""

import shutil

from . import apt

# the names that Odoo's own tests look for
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def ensure():
    """Install Chromium where there is no browser."""
    if not any(map(shutil.which, NAMES)):
        apt.install(["chromium"], "Chromium for the browser tests")
