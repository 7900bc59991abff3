"""Text from strangers and colleagues is shown as text: no script in it runs in a
browser.
"""

import json
import re

import pytest
import requests
from lxml import html as lxml_html

from odoo.tests import tagged

from ..common import BROWSER, TrackingCase
from ..helpers.odoo_server import live_odoo, wait_until

SCRIPT = "window.hacked=(window.hacked||'')+'%s '"
SHAPES = (
    '"><img src=data:, onerror="{0}">',
    "<script>{0}</script>",
    "</textarea></title><svg onload={0}>",
    "'-({0})-'",
    "{{{{{0}}}}}",
)


def build_hostile_text(name):
    """Return a text with scripts that mark the page with its name if they run."""
    return name + "".join(shape.format(SCRIPT % name) for shape in SHAPES)


def build_hostile_agent():
    """Return the user agent of a browser, with scripts: other programs are machines."""
    return f"{BROWSER} {build_hostile_text('agent')}"


# ------------------------------------------------------------
# Stored text
# ------------------------------------------------------------


@tagged("post_install", "-at_install")
class TestSecurityXss(TrackingCase):
    def test_chatter_entries(self):
        texts = {
            name: build_hostile_text(name) for name in ("partner", "subject", "label")
        }
        self.customer.name = texts["partner"]
        body = lxml_html.fragment_fromstring("<p><a href='https://x.com'/></p>")
        body[0].text = texts["label"]
        delivered, trackable = self.send(
            lxml_html.tostring(body, encoding="unicode"),
            subject=texts["subject"],
            attachments=[("file<img src=x onerror=alert(1)>.pdf", b"%PDF-1.4")],
        )
        for url in delivered.tracked_urls:
            self.hit(url, user_agent=build_hostile_agent())
            self.wait(10)
        self.process()
        self.assertEqual(len(trackable.action_ids), 3)
        (entry,) = self.entries(self.customer)
        viewed = entry.with_user(self.salesperson)._get_entry_bodies()
        self.assertNotIn("subject", entry.body)
        for body in (viewed[entry.id], self.entries(self.lead).body):
            tree = lxml_html.fragment_fromstring(body, create_parent=True)
            self.assertLessEqual(
                {element.tag for element in tree.iter()},
                {"div", "p", "b", "a", "time"},
            )
            attributes = {name for element in tree.iter() for name in element.attrib}
            self.assertLessEqual(attributes, {"href", "rel", "target", "datetime"})
            shown = " ".join(tree.text_content().split())
            for text in (texts["partner"], texts["subject"], "file<img src=x"):
                self.assertIn(" ".join(text.split())[:60], shown)
        self.assertNotIn("agent", shown, "the entry does not show the user agent")

    def test_file_names_in_the_copy(self):
        name = "a\"><img src=x onerror=alert(1)>'.pdf"
        delivered, _trackable = self.send(attachments=[(name, b"%PDF-1.4")])
        tree = lxml_html.document_fromstring(delivered.html)
        self.assertFalse([image for image in tree.iter("img") if image.get("onerror")])
        self.assertIn(name, tree.text_content())


# ------------------------------------------------------------
# Pages
# ------------------------------------------------------------

SEND = """
import json
admin = env["res.users"].browse(2)
admin.tracking_notice = "toast"
texts = json.loads(TEXTS)
admin.partner_id.name = "Administrator " + texts["sender"]
partner = env["res.partner"].create({
    "name": texts["partner"], "email": "carla@x.example.org",
})
lead = env["crm.lead"].create({"name": "Big deal", "partner_id": partner.id})
env.cr.commit()
message = lead.with_user(2).message_post(
    body=Markup('<p><a href="https://x.com/">%s</a></p>') % texts["label"],
    subject=texts["subject"], partner_ids=partner.ids, message_type="comment",
    subtype_xmlid="mail.mt_comment", is_tracked=True,
    attachments=[(texts["file"], b"%PDF-1.4")],
)
env.cr.commit()
trackable = env["trackable.email"].search([("mail_message_id", "=", message.id)])
print(json.dumps({"lead": lead.id, "partner": partner.id, "email": trackable.id}))
"""
NAME_PLACES = """
env.cr.execute("UPDATE trackable_email_action SET city = %s", [CITY])
env["trackable.link"].search([("is_file", "=", True)]).action_withdraw_file()
env.cr.commit()
"""
ACTION = "/odoo/action-pipeline_tracking."
PAGES = {
    "list": f"{ACTION}trackable_email_action_window?view_type=list",
    "kanban": f"{ACTION}trackable_email_action_window?view_type=kanban",
    "graph": f"{ACTION}trackable_email_action_window?view_type=graph",
    "actions": f"{ACTION}trackable_email_action_action_window?view_type=list",
    "links": f"{ACTION}trackable_link_action_window?view_type=list",
    "report": f"{ACTION}trackable_email_report_action_window?view_type=pivot",
    "link report": f"{ACTION}trackable_link_report_action_window?view_type=list",
    "heat map": f"{ACTION}trackable_email_heat_map_action_window",
}
# These pages draw the texts, or show only numbers.
DRAWN = {"graph", "heat map", "report"}


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live, live.server():
        yield live


def assert_clean(page, *shown):
    """Assert that the page shows these texts, and that no script in them ran."""
    page.wait_for_timeout(500)  # images fail a moment later
    for text in shown:
        assert text in page.content(), text
    assert page.evaluate("window.hacked") is None


def test_pages_in_a_browser(odoo, browser):
    names = ("sender", "partner", "subject", "label", "file", "agent", "city")
    texts = {name: build_hostile_text(name) for name in names}
    texts["agent"] = build_hostile_agent()
    texts["file"] = "file<img src=data:, onerror=\"window.hacked='file'\">.pdf"
    odoo.inbox.emails.clear()
    script = SEND.replace("TEXTS", repr(json.dumps(texts)))
    ids = json.loads(
        odoo.shell(f"from markupsafe import Markup\n{script}").splitlines()[-1]
    )
    wait_until(lambda: odoo.inbox.emails, 10)
    odoo.send_earlier()
    (delivered,) = [
        delivered
        for delivered in odoo.inbox.emails
        if "carla@x.example.org" in delivered.recipients
    ]
    page = browser.new_context().new_page()
    # The test detects a script that runs.
    page.goto(odoo.url + "/web/login")
    page.evaluate(
        "text => document.body.insertAdjacentHTML('beforeend', text)", texts["subject"]
    )
    page.wait_for_function("window.hacked")
    page.reload()
    page.locator("input[name=login]").fill("admin")
    page.locator("input[name=password]").fill("admin")
    page.locator("form.oe_login_form button[type=submit]").click()
    page.locator(".o_main_navbar").wait_for()

    # live updates: the chatter, its badge and the pop-up
    page.goto(f"{odoo.url}/odoo/crm/{ids['lead']}")
    page.locator(".o-mail-Chatter").wait_for()
    page.wait_for_timeout(2000)  # the websocket
    for url in delivered.tracked_urls:
        path = url[url.index("/t/") :]
        agent = texts["agent"] if ".gif" in url else BROWSER
        requests.get(
            odoo.url + path,
            headers={"User-Agent": agent},
            allow_redirects=False,
            timeout=30,
        )
        page.wait_for_timeout(2500)  # no burst
    page.locator(".o_pipeline_tracking_notice").first.wait_for(timeout=20_000)
    assert_clean(page, "partner")
    entry = page.locator(".o-mail-Message", has_text="Trackable Email Action")
    entry.filter(has_text="downloaded").wait_for(timeout=20_000)
    page.locator("button.o_tracking_badge").first.click()
    page.locator(".o_tracking_timeline").get_by_text("clicked “label").wait_for()
    assert_clean(page, "label", "file")

    file_url = next(
        url
        for url in delivered.tracked_urls
        if ".gif" not in url
        and odoo.get(url).headers.get("Content-Disposition", "").startswith("attach")
    )
    odoo.shell(NAME_PLACES.replace("CITY", repr(texts["city"])))
    for case, path in PAGES.items():
        page.goto(odoo.url + path)
        page.locator(".o_action_manager .o_control_panel").wait_for()
        page.wait_for_timeout(500)
        assert page.evaluate("window.hacked") is None, case
        assert case in DRAWN or "window.hacked" in page.content(), case
    page.goto(f"{odoo.url}/odoo/email-tracking")
    page.locator(".o_tracking_feed_person").first.wait_for()
    assert_clean(page, "partner", "subject", "label", "file")
    page.goto(f"{odoo.url}{ACTION}trackable_email_action_window/{ids['email']}")
    page.locator(".o_form_view").wait_for()
    assert_clean(page, "subject")
    page.goto(f"{odoo.url}/odoo/contacts/{ids['partner']}")
    page.locator(".o-mail-Chatter").wait_for()
    assert_clean(page, "partner")
    # pages for recipients
    page.goto(odoo.url + file_url[file_url.index("/t/") :])
    assert page.get_by_text(re.compile("no longer available")).count()
    assert_clean(page, "file")
    page.goto(f"{odoo.url}/t/%3Cimg%20src=x%20onerror=window.hacked=1%3E")
    assert_clean(page)
    page.context.close()
