"""Odoo's web client in a real browser, for what a live server shows."""

import contextlib
import resource

from dev.demo import headless_browser


@contextlib.contextmanager
def headless():
    """The browser, without the limit of memory that Odoo sets to its own process: the
    browser would inherit it, and asks for more addresses than it ever uses.

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
def logged_in(browser, odoo, path, login="admin", **options):
    """A page of a user, who has a record open.

    :param str path: of the record
    :param str login: of the user, and their password
    :param options: of the browser: its size, say
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
    page.locator(".o-mail-Chatter").wait_for()
    try:
        yield page
    finally:
        context.close()
