"""``dev/screenshots``: pictures of what a person sees, for the README and others."""

import io
import os

from PIL import Image

from .. import paths
from ..console import step
from . import stage

# wide enough for Odoo to put the chatter beside the form
SIZE = {"width": 1600, "height": 720}
SETTLE_MS = 700
COLOURS = 256  # enough for an interface, and a third of the bytes


def main(args):
    """Run the smoke test with pictures.

    :param list args: the folder to put them into; without, the README's anew
    """
    from . import smoke  # which imports this module

    os.environ["SCREENSHOTS"] = args[0] if args else str(README_FOLDER)
    return smoke.main([])


def take(running, browser, folder):
    """Take the pictures, in the state that the smoke test leaves.

    :param Stage running:
    :param playwright.sync_api.Browser browser:
    :param Path folder: made where it is missing
    """
    folder.mkdir(parents=True, exist_ok=True)
    with step(f"Pictures into {folder}"):
        page = browser.new_page(viewport=SIZE, timezone_id=running.client.time_zone)
        _log_in(page, running.odoo.url)
        for name in README if folder == README_FOLDER else PICTURES:
            what = PICTURES[name](page, running) or page
            _settle(page)
            _save(what, folder / f"{name}.png")


def _log_in(page, url):
    page.goto(f"{url}/web/login")
    page.locator("input[name=login]").fill(stage.LOGIN)
    page.locator("input[name=password]").fill(stage.PASSWORD)
    page.locator("form.oe_login_form button[type=submit]").click()
    page.locator(".o_main_navbar").wait_for()


def _show_chatter(page, running):
    page.goto(f"{running.odoo.url}/odoo/contacts/{running.sent.customer['id']}")
    page.locator(".o-mail-Message", has_text="Clicked").wait_for()


def _show_composer(page, running):
    page.goto(f"{running.odoo.url}/odoo/crm/{running.sent.opportunity['id']}")
    page.locator(".o-mail-Chatter-sendMessage").click()
    page.locator("button[name=open-full-composer]").click()
    dialog = page.locator(".modal-content")
    dialog.locator("[name=is_tracked] button").wait_for()
    text = dialog.locator("[name=body] .odoo-editor-editable")
    text.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("Hello, have you had time to look at our offer?")
    return dialog


def _show_emails(page, running):
    page.goto(f"{running.odoo.url}/odoo/action-{ADDON_ACTION}")
    page.locator(".o_data_row").first.wait_for()


def _show_email(page, _running):
    page.locator(".o_data_row .o_data_cell").first.click()
    page.locator(".o_form_view .o_field_one2many .o_data_row").first.wait_for()


def _show_inbox(page, running):
    page.goto(running.inbox.url)
    page.get_by_text(running.sent.subject).first.click()
    mail = page.frame_locator("iframe").first
    mail.get_by_role("link", name=running.sent.link_text).wait_for()


ADDON_ACTION = f"{paths.ADDON}.trackable_email_action_window"
# in this order: the inbox opens the email again
PICTURES = {
    "chatter": _show_chatter,
    "composer": _show_composer,
    "emails": _show_emails,
    "email": _show_email,
    "inbox": _show_inbox,
}
README = ("chatter", "composer")
README_FOLDER = paths.ROOT / "docs" / "images"


def _settle(page):
    """Wait for what is still being drawn; Odoo's network is never idle."""
    page.wait_for_function("[...document.images].every((image) => image.complete)")
    page.wait_for_timeout(SETTLE_MS)


def _save(what, file):
    image = Image.open(io.BytesIO(what.screenshot(animations="disabled")))
    small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
