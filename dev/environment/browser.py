"""The browser for the browser tests: the system's Chromium or Chrome."""

import shutil

# the names that Odoo's own tests look for
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def missing_packages():
    """What to install, as Debian calls it, where there is no browser."""
    return [] if any(map(shutil.which, NAMES)) else ["chromium"]
