"""Take pictures of the pages, for the README and the page in Apps
(``dev/run screenshots``, or all of them: ``dev/run screenshots /tmp/pictures``).
"""

import io
import os

from PIL import Image

from ..setup import paths
from ..setup.console import step
from . import stage

# wide enough for Odoo to put the chatter beside the form
DESK = {"viewport": {"width": 1600, "height": 720}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
SETTLE_MS = 700
COLOURS = 256  # enough for an interface, and a third of the bytes


def main(args):
    """Run the smoke test with pictures.

    :param list args: the folder to put them into; without, those of the README and of
        the page in Apps anew
    """
    from . import smoke  # which imports this module

    os.environ["SCREENSHOTS"] = args[0] if args else str(README_FOLDER)
    return smoke.main([])


def take(running, browser, folder):
    """Take the pictures, in the state that the smoke test leaves: those of the README,
    or all of them, on a desk and on a phone.

    :param Stage running:
    :param playwright.sync_api.Browser browser:
    :param Path folder: made where it is missing
    """
    folder.mkdir(parents=True, exist_ok=True)
    with step(f"Pictures into {folder}"):
        if folder == README_FOLDER:
            _take_all(_page(running, browser, **DESK), running, folder, README, "")
            return
        for suffix, options in (("", DESK), ("-phone", PHONE)):
            page = _page(running, browser, **options)
            _take_all(page, running, folder, PICTURES, suffix)


def _page(running, browser, **options):
    page = browser.new_page(**options, timezone_id=running.client.time_zone)
    page.goto(f"{running.odoo.url}/web/login")
    page.locator("input[name=login]").fill(stage.LOGIN)
    page.locator("input[name=password]").fill(stage.PASSWORD)
    page.locator("form.oe_login_form button[type=submit]").click()
    page.locator(".o_main_navbar").wait_for()
    return page


def _take_all(page, running, folder, names, suffix):
    for name in names:
        what = PICTURES[name](page, running) or page
        _settle(page)
        _save(what, folder / f"{name}{suffix}.png")


def _show_contact(page, running):
    page.goto(f"{running.odoo.url}/odoo/contacts/{running.sent.customer['id']}")
    page.locator(".o-mail-Message", has_text="Clicked").wait_for()


def _show_chatter(page, running):
    page.goto(f"{running.odoo.url}/odoo/crm/{running.sent.opportunity['id']}")
    badge = page.locator(".o_tracking_badge", has_text="clicked")
    badge.first.scroll_into_view_if_needed()
    badge.first.click()
    page.locator(".o_tracking_timeline li").first.wait_for()


def _show_small_composer(page, running):
    page.goto(f"{running.odoo.url}/odoo/crm/{running.sent.opportunity['id']}")
    page.locator(".o-mail-Chatter-sendMessage").click()
    page.locator(".o_tracked_toggle[aria-pressed=true]").wait_for()


def _show_composer(page, running):
    _show_small_composer(page, running)
    page.locator("button[name=open-full-composer]").click()
    dialog = page.locator(".modal-content")
    dialog.locator(".o_tracked_toggle").wait_for()
    text = dialog.locator("[name=body] .odoo-editor-editable")
    text.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("Hello, have you had time to look at our offer?")
    return dialog


def _action(name, ready):
    """How to show a window of the addon's menu."""

    def show(page, running):
        page.goto(f"{running.odoo.url}/odoo/action-{paths.ADDON}.{name}")
        page.locator(ready).first.wait_for()

    return show


def _show_email(page, running):
    _show_emails(page, running)
    page.locator(".o_data_row .o_data_cell, .o_kanban_record:not(.o_kanban_ghost)").nth(
        0
    ).click()
    page.locator(".o_form_view .o_field_one2many").first.wait_for()


def _show_preferences(page, running):
    page.goto(f"{running.odoo.url}/odoo/contacts/{running.sent.customer['id']}")
    menus = page.locator(".o_user_menu button, .o_mobile_menu_toggle")  # desk, phone
    menus.filter(visible=True).first.click()
    page.get_by_text("My Preferences").click()
    page.locator("[name=tracking_notice]").wait_for()


def _show_inbox(page, running):
    page.goto(running.inbox.url)
    page.get_by_text(running.sent.subject).first.click()
    mail = page.frame_locator("iframe").first
    mail.get_by_role("link", name=running.sent.link_text).wait_for()


_show_emails = _action("trackable_email_action_window", ".o_data_row, .o_kanban_record")
PICTURES = {
    "contact": _show_contact,
    "chatter": _show_chatter,
    "small-composer": _show_small_composer,
    "composer": _show_composer,
    "emails": _show_emails,
    "email": _show_email,
    "rates": _action("trackable_email_report_action_window", ".o_pivot_view, canvas"),
    "opening-times": _action(
        "trackable_email_heat_map_action_window", ".o_heat_map_view table"
    ),
    "links": _action("trackable_link_report_action_window", ".o_content"),
    "preferences": _show_preferences,
    "inbox": _show_inbox,
}
README = ("chatter", "composer", "contact", "opening-times")
README_FOLDER = paths.ROOT / paths.ADDON / "static" / "description"


def _settle(page):
    """Wait for what is still being drawn; Odoo's network is never idle."""
    page.wait_for_function("[...document.images].every((image) => image.complete)")
    page.wait_for_timeout(SETTLE_MS)


def _save(what, file):
    image = Image.open(io.BytesIO(what.screenshot(animations="disabled")))
    small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
