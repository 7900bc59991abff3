"""Drive headless Chromium by Playwright."""

import os
import shutil
from contextlib import contextmanager

from playwright.sync_api import Error, sync_playwright

from ..setup import apt, paths
from ..setup.console import Problem

ARGUMENTS = (
    "--no-sandbox",  # root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # no requests to its maker
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def headless():
    """Start the system's browser. A new page of it has no cookies.

    :rtype: playwright.sync_api.Browser
    :raise Problem: when something in it does not come, or not in time
    """
    program = next(filter(None, map(shutil.which, apt.BROWSERS)))
    try:
        with sync_playwright() as playwright:
            # signals are for this process: they would close the browser in use
            chromium = playwright.chromium.launch(
                executable_path=program,
                args=ARGUMENTS,
                env={**os.environ, **_home()},
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            try:
                yield chromium
            finally:
                chromium.close()
    except Error as error:
        raise Problem(f"The browser: {error.message}") from error


def persons_page(browser):
    """Open a page as a person's browser does: the addon takes a browser that calls
    itself headless for a machine.

    :rtype: playwright.sync_api.Page
    """
    page = browser.new_page()
    user_agent = page.evaluate("navigator.userAgent")
    page.close()
    return browser.new_page(user_agent=user_agent.replace("Headless", ""))


def _home():
    """Give variables that move the browser's files from the home folder to ``.dev``."""
    home = paths.GROUND / "home"
    return {
        f"XDG_{kind}_HOME": str(home / kind.lower())
        for kind in ("CACHE", "CONFIG", "DATA")
    }
