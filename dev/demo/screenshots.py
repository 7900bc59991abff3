"""Take pictures of the screens (``dev/run screenshots``).

Without a folder, the command renews the pictures of the README and of the page in Apps.
With a folder (``dev/run screenshots /tmp/pictures``), it takes all pictures, on a desk
and on a phone.
"""

import io
import json
import os
import re
from datetime import UTC, datetime, timedelta

from PIL import Image
from playwright.sync_api import Error

from ..setup import paths
from ..setup.console import Problem, step
from . import mailing, stage
from .headless_browser import get_user_agent

# wide enough that Odoo puts the chatter beside the form
DESK = {"viewport": {"width": 1600, "height": 720}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
SMALL = {"width": 900, "height": 420}
OPT_OUT_SUBJECT = "Our new prices"
SETTLE_MS = 700
COLOURS = 256  # a third of the bytes, and enough colours for a user interface


def main(args):
    """Run the smoke test with pictures.

    :param list args: the folder for the pictures; if empty, the folder of the README's
        pictures
    """
    from . import smoke  # which imports this module

    os.environ["SCREENSHOTS"] = args[0] if args else str(README_FOLDER)
    return smoke.main([])


def take(running, browser, folder):
    """Take the pictures of the demo after the smoke test.

    :param Stage running:
    :param playwright.sync_api.Browser browser:
    :param Path folder: is made if it is missing
    :raise Problem: when a screen does not appear
    """
    folder.mkdir(parents=True, exist_ok=True)
    with step(f"Taking pictures into {folder}"):
        if folder == README_FOLDER:
            _take_all(_page(running, browser, **DESK), running, folder, README, "")
            return
        for suffix, options in (("", DESK), ("-phone", PHONE)):
            page = _page(running, browser, **options)
            _take_all(page, running, folder, PICTURES, suffix)


def _page(running, browser, **options):
    context = browser.new_context(**options, timezone_id=running.client.time_zone)
    page = context.new_page()
    page.goto(f"{running.odoo.url}/web/login")
    page.locator("input[name=login]").fill(stage.LOGIN)
    page.locator("input[name=password]").fill(stage.PASSWORD)
    page.locator("form.oe_login_form button[type=submit]").click()
    page.locator(".o_main_navbar").wait_for()
    return page


def _take_all(page, running, folder, names, suffix):
    for name in names:
        try:
            element = PICTURES[name](page, running) or page
            _settle(page)
            _save(element, folder / f"{name}{suffix}.png")
        except Error as error:
            page.screenshot(path=folder / f"failed-{name}{suffix}.png")
            raise Problem(
                f"The picture {name}{suffix} could not be taken: {error.message}\n"
                f"The screen at that moment: {folder}/failed-{name}{suffix}.png"
            ) from error


def _show_contact(page, running):
    page.goto(f"{running.odoo.url}/odoo/contacts/{running.sent.customer['id']}")
    entry = page.locator(".o-mail-Message", has_text="clicked")
    entry.wait_for()
    entry.scroll_into_view_if_needed()


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
    """Return a function that shows a window of the addon's menu."""

    def show(page, running):
        page.goto(f"{running.odoo.url}/odoo/action-{paths.ADDON}.{name}")
        page.locator(ready).first.wait_for()

    return show


def _show_email(page, running):
    _show_emails(page, running)
    rows = page.locator(".o_data_row, .o_kanban_record:not(.o_kanban_ghost)")
    email = rows.filter(has_text=running.sent.subject).first
    email.get_by_text(running.sent.subject).click()
    page.locator(".o_form_view .o_field_one2many").first.wait_for()


def _show_click_map(page, running):
    _show_email(page, running)
    page.locator(".o_notebook .nav-link", has_text="Email").first.click()
    frame = page.locator(".o_field_click_map iframe")
    frame.first.wait_for()
    frame.first.scroll_into_view_if_needed()


def _show_follow_up(page, running):
    _show_email(page, running)
    page.locator(".o_form_view button[name=action_follow_up]").first.click()
    dialog = page.locator(".modal-content")
    dialog.locator("[name=activity_type_id]").wait_for()
    return dialog


def _show_scheduled_message(page, running):
    """Show a tracked email that will be sent tomorrow."""
    client, opportunity_id = running.client, running.sent.opportunity["id"]
    domain = [("model", "=", "crm.lead"), ("res_id", "=", opportunity_id)]
    if not client.search("mail.scheduled.message", domain, ["id"]):
        _schedule_message(client, opportunity_id, running.sent.customer["id"])
    page.goto(f"{running.odoo.url}/odoo/crm/{opportunity_id}")
    message = page.locator(".o-mail-Scheduled-Message").first
    message.scroll_into_view_if_needed()


def _schedule_message(client, opportunity_id, customer_id):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    message = {
        "author_id": client.partner_id,
        "body": "Have you had time to look at our offer?",
        "model": "crm.lead",
        "notification_parameters": json.dumps({"is_tracked": True}),
        "partner_ids": [customer_id],
        "res_id": opportunity_id,
        "scheduled_date": tomorrow.strftime("%Y-%m-%d %H:%M:%S"),
    }
    client.call("mail.scheduled.message", "create", message)


def _show_pipeline(page, running):
    page.goto(f"{running.odoo.url}/odoo/crm")
    page.locator(".o_kanban_record .o_field_tracking_last_action").first.wait_for()


def _show_preferences(page, running):
    page.goto(f"{running.odoo.url}/odoo/contacts/{running.sent.customer['id']}")
    # Odoo closes the menu when it shows the form
    page.locator(".o_form_view .o_notebook").wait_for()
    menus = page.locator(".o_user_menu button, .o_mobile_menu_toggle")  # desk, phone
    menus.filter(visible=True).first.click()
    page.get_by_text("My Preferences").click()
    page.locator("[name=tracking_notice]").wait_for()


def _show_inbox(page, running):
    page.goto(running.inbox.url)
    page.get_by_text(running.sent.subject).first.click()
    mail = page.frame_locator("iframe").first
    mail.get_by_role("link", name=running.sent.link_text).wait_for()


# Put a settings block and its title at the top. A phone's header covers the page.
SCROLL_TO_BLOCK = """field => {
    const title = field.closest(".o_settings_container").previousElementSibling;
    title.style.scrollMarginTop = innerWidth < 768 ? "160px" : "0";
    title.scrollIntoView();
}"""


def _show_settings(page, running):
    _open_settings(page, running)
    consent = page.locator("[name=tracking_consent_mode]")
    consent.wait_for()
    consent.evaluate(SCROLL_TO_BLOCK)


def _open_settings(page, running):
    page.goto(f"{running.odoo.url}/odoo/settings")
    page.locator(f".settings_tab [data-key={paths.ADDON}]").click()


def _show_self_test(page, running):
    _open_settings(page, running)
    page.locator("button[name=action_check_tracking]").click()
    dialog = page.locator(".modal-content")
    dialog.locator(".o_kanban_record:not(.o_kanban_ghost)").first.wait_for()
    return dialog


def _show_consent(page, running):
    contact_id, _page_url = _prepare_consent(running)
    page.goto(f"{running.odoo.url}/odoo/contacts/{contact_id}")
    page.locator(".o_form_view .o_notebook").wait_for()
    consent = page.locator(".o_field_widget[name=tracking_consent]")
    for tab in page.locator(".o_notebook .nav-link").all():
        if consent.is_visible():
            break
        tab.click()
    page.locator("[name=tracking_consent_origin]").last.scroll_into_view_if_needed()


def _show_mailing(page, running):
    mailing_id = mailing.ensure(running, get_user_agent(page))
    action = "mass_mailing.mailing_mailing_action_mail"
    page.goto(f"{running.odoo.url}/odoo/action-{action}/{mailing_id}")
    page.locator(".o_notebook .nav-link[name=tracking]").click()
    statistics = page.locator(".o_tracking_statistics")
    statistics.wait_for()
    statistics.scroll_into_view_if_needed()


def _show_opt_out(page, running):
    _contact_id, page_url = _prepare_consent(running)
    opt_out = page.context.new_page()
    if page.viewport_size["width"] > SMALL["width"]:
        opt_out.set_viewport_size(SMALL)  # else most of the picture is white
    opt_out.goto(page_url)
    opt_out.locator("form button").wait_for()
    return opt_out


def _prepare_consent(running):
    """Record that a contact agreed, and send them an email with an opt-out link.

    :return: the contact's id and the address of their opt-out page
    :rtype: tuple[int, str]
    """
    client = running.client
    customer_id = running.sent.customer["id"]
    domain = [
        ("email", "!=", False),
        ("is_company", "=", False),
        ("user_ids", "=", False),
        ("id", "!=", customer_id),
    ]
    [contact] = client.search("res.partner", domain, ["email"], limit=1, order="id")
    if not running.inbox.find(contact["email"], OPT_OUT_SUBJECT):
        _send_with_opt_out(client, contact["id"])
    html = running.inbox.wait_for(contact["email"], OPT_OUT_SUBJECT)
    [page_url] = re.findall(rf'href="({running.gateway.url}/t/stop/[^"]+)"', html)
    return contact["id"], page_url


def _send_with_opt_out(client, contact_id):
    client.call("res.partner", "write", [contact_id], {"tracking_consent": "agreed"})
    companies = client.call("res.company", "search", [])
    client.call("res.company", "write", companies, {"tracking_objection_link": True})
    client.call(
        "res.partner",
        "message_post",
        [contact_id],
        subject=OPT_OUT_SUBJECT,
        body="Here are our new prices.",
        message_type="comment",
        partner_ids=[contact_id],
        subtype_xmlid="mail.mt_comment",
        is_tracked=True,
    )


_show_emails = _action("trackable_email_action_window", ".o_data_row, .o_kanban_record")
PICTURES = {
    "feed": _action("trackable_feed_action", ".o_tracking_feed_person"),
    "contact": _show_contact,
    "chatter": _show_chatter,
    "small-composer": _show_small_composer,
    "composer": _show_composer,
    "emails": _show_emails,
    "email": _show_email,
    "click-map": _show_click_map,
    "follow-up": _show_follow_up,
    "pipeline": _show_pipeline,
    "rates": _action("trackable_email_report_action_window", ".o_pivot_view, canvas"),
    "opening-times": _action(
        "trackable_email_heat_map_action_window", ".o_heat_map_view table"
    ),
    "links": _action("trackable_link_report_action_window", ".o_content"),
    "preferences": _show_preferences,
    "settings": _show_settings,
    "check-tracking": _show_self_test,
    "consent": _show_consent,
    "opt-out": _show_opt_out,
    "mailing": _show_mailing,
    "inbox": _show_inbox,
    # The last one: the opportunity of other pictures then has a scheduled message.
    "scheduled-message": _show_scheduled_message,
}
README = (
    "chatter",
    "composer",
    "contact",
    "opening-times",
    "settings",
    "check-tracking",
    "opt-out",
)
README_FOLDER = paths.ROOT / paths.ADDON / "static" / "description"


# An image below the screen may load when it is scrolled to.
IMAGES_ARE_LOADED = """[...document.images].every(
    (image) => image.complete || image.getBoundingClientRect().top > innerHeight
)"""


def _settle(page):
    """Wait until the screen is drawn, with no element under the mouse."""
    size = page.viewport_size
    page.mouse.move(size["width"] - 1, size["height"] - 1)
    # Odoo's network is never idle, so wait for the images alone
    page.wait_for_function(IMAGES_ARE_LOADED)
    page.wait_for_timeout(SETTLE_MS)


def _save(element, file):
    image = Image.open(io.BytesIO(element.screenshot(animations="disabled")))
    small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
