"""Drive a headless Chromium with Playwright."""

import os
import shutil
from contextlib import contextmanager

from playwright.sync_api import Error, sync_playwright

from ..setup import apt, paths
from ..setup.console import Problem

ARGUMENTS = (
    "--no-sandbox",  # Chromium refuses to sandbox as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # no requests to Google
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def headless():
    """Start the system's browser. Each new page has no cookies.

    :rtype: playwright.sync_api.Browser
    :raise Problem: when an element does not appear in time, or the browser fails
    """
    program = next(filter(None, map(shutil.which, apt.BROWSERS)))
    try:
        with sync_playwright() as playwright:
            # on a signal, this process closes the browser at the end of the block
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
        raise Problem(f"The browser failed: {error.message}") from error


def persons_page(browser):
    """Open a page with the user agent of a normal browser.

    The addon takes a browser whose user agent says "Headless" for a machine.

    :rtype: playwright.sync_api.Page
    """
    page = browser.new_page()
    user_agent = get_user_agent(page)
    page.close()
    return browser.new_page(user_agent=user_agent)


def get_user_agent(page):
    """Return the user agent of a page's browser, without "Headless".

    :param playwright.sync_api.Page page:
    :rtype: str
    """
    return page.evaluate("navigator.userAgent").replace("Headless", "")


def _home():
    """Return variables that move the browser's files from the home folder to .dev."""
    home = paths.GROUND / "home"
    return {
        f"XDG_{kind}_HOME": str(home / kind.lower())
        for kind in ("CACHE", "CONFIG", "DATA")
    }
