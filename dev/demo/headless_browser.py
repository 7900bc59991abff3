"""Headless Chromium, driven by Playwright."""

import os
import shutil
from contextlib import contextmanager

from playwright.sync_api import Error, sync_playwright

from .. import browser, paths
from ..console import Problem

ARGUMENTS = (
    "--no-sandbox",  # root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # it is to talk to nobody but us
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def headless():
    """The system's browser. A new page of it has no cookies.

    :rtype: playwright.sync_api.Browser
    :raise Problem: when something in it does not come, or not in time
    """
    program = next(filter(None, map(shutil.which, browser.NAMES)))
    try:
        with sync_playwright() as playwright:
            # signals are for us: they would close the browser under our feet
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
    """A new page, of a browser that a person sits at: a headless one says that it is
    one, and is taken for a machine.

    :rtype: playwright.sync_api.Page
    """
    page = browser.new_page()
    user_agent = page.evaluate("navigator.userAgent")
    page.close()
    return browser.new_page(user_agent=user_agent.replace("Headless", ""))


def _home():
    """Variables that keep what it leaves in its user's home folder in ``.dev``."""
    home = paths.GROUND / "home"
    return {
        f"XDG_{kind}_HOME": str(home / kind.lower())
        for kind in ("CACHE", "CONFIG", "DATA")
    }
