"""Odoo's web client in a real browser, for tests with a live server."""

import contextlib
import resource

from dev.demo import headless_browser


@contextlib.contextmanager
def headless():
    """Run the browser without the memory limit that Odoo sets for its own process.

    The browser would inherit the limit, and it reserves more addresses than it uses.

    :rtype: playwright.sync_api.Browser
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
        try:
            chromium = stack.enter_context(headless_browser.headless())
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        yield chromium


@contextlib.contextmanager
def logged_in(browser, odoo, path, ready=".o-mail-Chatter", login="admin", **options):
    """Log a user in, and open a record or another screen.

    :param str path: path of the screen's URL
    :param str ready: selector of an element that appears when the screen is open
    :param str login: login and password of the user
    :param options: options of the browser context, such as its size
    :rtype: playwright.sync_api.Page
    """
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(f"{odoo.url}/web/login")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(login)
    page.locator("form.oe_login_form button[type=submit]").click()
    page.locator(".o_main_navbar").wait_for()
    page.goto(odoo.url + path)
    page.locator(ready).wait_for()
    try:
        yield page
    finally:
        context.close()
