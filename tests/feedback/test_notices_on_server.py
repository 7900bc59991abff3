"""Notify on a real server: in a browser, with several workers, and after a crash."""

import json
import re

import pytest

from ..helpers.odoo_server import live_odoo, wait_until
from ..helpers.push_service import PushService

SOON = 5  # seconds
PROCESS = "env['trackable.hit']._process(); env.cr.commit()"

SEND = """
sally = env["res.users"].search([("login", "=", "sally")]) or env["res.users"].create({
    "name": "Sally Sales", "login": "sally", "password": "sally-sells",
    "email": "sally@acme.example.com", "group_ids": [
        (4, env.ref("base.group_user").id),
        (4, env.ref("sales_team.group_sale_salesman").id),
    ],
})
sally.tracking_notice = WAY
customer = env["res.partner"].create({"name": NAME, "email": "carla@x.example.org"})
lead = env["crm.lead"].create(
    {"name": "Big deal", "partner_id": customer.id, "user_id": sally.id}
)
env.cr.commit()
lead.with_user(sally).message_post(
    body="Hello", subject="Proposal", partner_ids=customer.ids, is_tracked=True,
    message_type="comment", subtype_xmlid="mail.mt_comment",
)
env.cr.commit()
print("lead", lead.id)
"""

SET_TYPE = """
env["res.users"].search([("login", "=", "sally")]).notification_type = TYPE
env.cr.commit()
"""
UNREAD = """
SELECT count(*) FROM mail_notification n JOIN mail_message m ON m.id = mail_message_id
 WHERE n.is_read IS NOT TRUE AND m.body LIKE '%NAME opened%'
"""
REGISTER = """
sally = env["res.users"].search([("login", "=", "sally")])
Device = env["mail.push.device"].with_user(sally)
key = Device.get_web_push_vapid_public_key()
Device.register_devices(**DEVICE, vapid_public_key=key)
env.cr.commit()
"""
# Let the bus deliver a pop-up about a record to this tab.
POP_UP = """({model, res_id}) => {
    const {services} = odoo.__WOWL_DEBUG__.root.env;
    services["pipeline_tracking.notice"].receive(-1, {
        count: 1, lines: ["Petra opened your email"], kinds: ["open"],
        people: {1: "Petra"}, email_ids: [1], target: {model, id: Number(res_id)},
    });
}"""
TAKE_NOTIFICATIONS = """async () => {
    const registration = await navigator.serviceWorker.ready;
    const notifications = await registration.getNotifications();
    notifications.forEach((notification) => notification.close());
    return notifications.map(({title}) => title);
}"""


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live, live.server():
        yield live


def send(odoo, way, name="Carla"):
    """Send an email from Sally to a new customer, from an opportunity, as if some
    minutes ago.

    :return: the delivered email, and the id of the opportunity
    """
    odoo.inbox.emails.clear()
    printed = odoo.shell(SEND.replace("WAY", repr(way)).replace("NAME", repr(name)))
    lead_id = int(re.search(r"lead (\d+)", printed)[1])

    def arrived():
        """Return the emails to the customer, without Odoo's welcome email to Sally."""
        return [
            delivered
            for delivered in odoo.inbox.emails
            if "carla@x.example.org" in delivered.recipients
        ]

    wait_until(arrived, SOON)
    (delivered,) = arrived()
    odoo.send_earlier()
    return delivered, lead_id


def log_in(page, odoo):
    page.goto(f"{odoo.url}/web/login")
    page.locator("input[name=login]").fill("sally")
    page.locator("input[name=password]").fill("sally-sells")
    page.locator("form.oe_login_form button[type=submit]").click()
    page.locator(".o_main_navbar").wait_for()


def open_lead(page, odoo, lead_id):
    page.goto(f"{odoo.url}/odoo/crm/{lead_id}")
    page.locator(".o-mail-Chatter").wait_for()
    # the websocket opens after the page is loaded
    page.wait_for_timeout(2000)


def test_pop_up_shows_in_one_of_two_tabs(odoo, browser):
    delivered, lead_id = send(odoo, "toast")
    _other, other_lead_id = send(odoo, "toast")
    context = browser.new_context()
    tabs = [context.new_page() for _ in range(2)]
    log_in(tabs[0], odoo)
    for tab in tabs:
        open_lead(tab, odoo, other_lead_id)
    assert odoo.get(delivered.image_urls[0]).status_code == 200
    toasts = [
        tab.locator(".o_notification", has_text="opened your email") for tab in tabs
    ]
    wait_until(lambda: sum(toast.count() for toast in toasts), 2 * SOON)
    tabs[0].wait_for_timeout(1500)
    assert sum(toast.count() for toast in toasts) == 1, "in one tab"
    (tab,) = [tab for tab, toast in zip(tabs, toasts, strict=True) if toast.count()]
    toast = tab.get_by_role("alert").filter(
        has_text="Carla opened your email “Proposal”"
    )
    tab.evaluate("window.isSamePage = true")
    toast.get_by_role("button", name="Show").click()
    tab.wait_for_url(re.compile(rf"/{lead_id}$"))
    assert toast.count() == 0
    assert tab.evaluate("window.isSamePage"), "without a reload"
    context.close()


def test_inbox_notification_shows_live(odoo, browser):
    delivered, lead_id = send(odoo, "inbox", "Ines")
    odoo.inbox.emails.clear()
    context = browser.new_context()
    page = context.new_page()
    log_in(page, odoo)
    open_lead(page, odoo, lead_id)
    # Odoo's request for permission to show notifications counts, too
    counter = page.locator(".o-mail-MessagingMenu-counter")
    before = int(counter.inner_text())
    odoo.get(delivered.image_urls[0])
    wait_until(lambda: int(counter.inner_text()) == before + 1, 2 * SOON)
    assert page.locator(".o_notification", has_text="Ines").count() == 0
    # the record's chatter has the entry, but not the notification
    open_lead(page, odoo, lead_id)
    page.locator(".o_tracking_entry", has_text="opened").wait_for()
    assert page.locator(".o-mail-Message", has_text="Ines opened").count() == 1
    page.locator(".o_menu_systray i[aria-label=Messages]").click()
    page.locator(".o-mail-NotificationItem", has_text="Ines opened").wait_for()
    assert not odoo.inbox.emails, "no email"
    context.close()


@pytest.mark.parametrize("notification_type", ["email", "inbox"])
def test_messages_menu_opens_and_marks_as_read(odoo, browser, notification_type):
    name = f"Mia {notification_type}"
    delivered, lead_id = send(odoo, "inbox", name)
    odoo.shell(SET_TYPE.replace("TYPE", repr(notification_type)))
    odoo.get(delivered.image_urls[0])
    context = browser.new_context()
    page = context.new_page()
    log_in(page, odoo)
    item = page.locator(".o-mail-NotificationItem", has_text=f"{name} opened")

    def open_menu():
        page.locator(".o_menu_systray i[aria-label=Messages]").click()
        return item

    wait_until(lambda: odoo.query(UNREAD.replace("NAME", name)) == [(1,)], 2 * SOON)
    page.reload()
    open_menu().click()
    page.keyboard.press("Escape")  # Odoo leaves the menu open
    message = page.locator(".o-mail-Message", has_text=f"{name} opened")
    page.evaluate("window.isSamePage = true")
    message.get_by_role("link", name="“Proposal”").click()
    page.wait_for_url(re.compile(rf"/{lead_id}$"))
    assert page.evaluate("window.isSamePage"), "without a reload"
    open_menu().hover()
    item.locator(".o-mail-NotificationItem-markAsRead").click()
    wait_until(lambda: odoo.query(UNREAD.replace("NAME", name)) == [(0,)], SOON)
    context.close()


def test_device_gets_push(odoo, browser):
    """The cron job sends to a push service. Odoo's service worker displays the push,
    but not if a visible tab shows the pop-up.
    """
    with PushService() as service:
        # The server reads its parameters once: let it make the keys.
        odoo.call("mail.push.device", "get_web_push_vapid_public_key")
        delivered, lead_id = send(odoo, "toast", "Petra")
        # Odoo displays no push to users of its own inbox who have a tab open.
        odoo.shell(SET_TYPE.replace("TYPE", repr("email")))
        odoo.shell(REGISTER.replace("DEVICE", repr(service.subscribe("phone"))))
        assert not service.received, "nothing is sent before the customer opens"
        odoo.get(delivered.image_urls[0])
        wait_until(lambda: service.received, 4 * SOON)
        ((_device, push),) = service.received
    assert push["title"] == "Big deal"
    assert push["options"]["body"] == "Petra opened your email “Proposal”"
    data = push["options"]["data"]
    context = browser.new_context()
    context.grant_permissions(["notifications"], origin=odoo.url)
    page = context.new_page()
    log_in(page, odoo)
    # The pop-up of the news before the login. Later pages do not show it again.
    page.locator(".o_pipeline_tracking_notice", has_text="Petra").wait_for()
    page.goto(f"{odoo.url}/odoo/{data['model']}/{data['res_id']}")
    page.locator(".o_breadcrumb", has_text="Big deal").wait_for()
    assert page.url.endswith(f"/{lead_id}")
    # Odoo displays no push about the record whose chatter the user sees.
    page.goto(f"{odoo.url}/odoo/crm")
    page.locator(".o_kanban_view").wait_for()
    displayed = deliver_to_service_worker(context, page, odoo.url, push)
    assert displayed == ["Big deal"], "this tab has shown no pop-up"
    page.evaluate(POP_UP, data)
    page.locator(".o_pipeline_tracking_notice", has_text="Petra").wait_for()
    assert deliver_to_service_worker(context, page, odoo.url, push) == []
    assert deliver_to_service_worker(context, page, odoo.url, push) == ["Big deal"]
    context.close()


def deliver_to_service_worker(context, page, url, push):
    """Deliver a push message to Odoo's service worker, as a push service does.

    :return: the titles of the notifications that it displays
    :rtype: list[str]
    """
    session = context.new_cdp_session(page)
    registrations = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(event["registrations"]),
    )
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    session.send("ServiceWorker.enable")
    wait_until(lambda: registrations or page.wait_for_timeout(100), SOON)
    session.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": url,
            "registrationId": registrations[-1]["registrationId"],
            "data": json.dumps(push),
        },
    )
    page.wait_for_timeout(2000)  # the service worker waits for answers of tabs
    titles = page.evaluate(TAKE_NOTIFICATIONS)
    session.detach()
    return titles


EMAILS = 300
SENDERS = 3

FILL = f"""
senders = env["res.users"].create([
    {{"name": f"Sally {{n}}", "login": f"sally{{n}}", "email": f"s{{n}}@x.example.org",
      "tracking_notice": "inbox"}}
    for n in range({SENDERS})
])
partner = env["res.partner"].create({{"name": "Carla", "email": "carla@x.example.org"}})
env.cr.execute('''
    INSERT INTO trackable_email (nonce, recipient_key, mail_message_id, partner_id,
                                 email_to, subject, company_id, user_id, sent_date)
    SELECT 1, 'res.partner,' || %s, 1000000 + n, %s, 'carla@x.example.org',
           'Email ' || n, 1, (%s)[1 + n %% {SENDERS}], now() - interval '30 days'
      FROM generate_series(1, {EMAILS}) n
''', [partner.id, partner.id, senders.ids])
env.cr.execute('''
    INSERT INTO trackable_hit (trackable_email_id, occurred_at, method, ip, user_agent,
                               purpose)
    SELECT id, now() AT TIME ZONE 'UTC', 'GET', '192.0.2.1',
           'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like'
           ' Gecko) Chrome/142.0.0.0 Safari/537.36', ''
      FROM trackable_email, generate_series(1, 2) WHERE mail_message_id > 1000000
''')
env.cr.commit()
"""
# Show all lines, so that the test can count them.
SHOW_ALL_LINES = """
from odoo.addons.pipeline_tracking.models import feedback
feedback.trackable_notice.MAX_LINES = 10**6
feedback.trackable_notice_sentence.MAX_LINES = 10**6
"""
PROCESS_OFTEN = f"""
{SHOW_ALL_LINES}
import time
from odoo.service.model import retrying
until = time.monotonic() + 12
while time.monotonic() < until:
    retrying(env["trackable.hit"]._process, env)
    env.cr.commit()
    time.sleep(0.05)
"""
KILLED_AFTER_NOTIFYING = f"""
{SHOW_ALL_LINES}
import os, signal
Email = env.registry["trackable.email"]
notify = Email._notify_due_senders
def die(emails):
    done = notify(emails)
    env.flush_all()
    env.cr.execute("SELECT count(*) FROM mail_notification"
                   " WHERE notification_type = 'inbox'")
    assert done and env.cr.fetchone()[0]
    os.kill(os.getpid(), signal.SIGKILL)
Email._notify_due_senders = die
env["trackable.hit"]._process()
"""
LINES = """
SELECT count(*), count(DISTINCT line[1])
  FROM mail_message, regexp_matches(body, '“Email (\\d+)”', 'g') line
 WHERE message_type = 'user_notification'
"""
PENDING = "SELECT count(*) FROM trackable_email WHERE notice_at IS NOT NULL"


@pytest.fixture
def filled():
    with live_odoo() as live:
        live.shell(FILL)
        yield live


def test_several_workers_notify_once(filled):
    workers = [filled.shell_in_background(PROCESS_OFTEN) for _ in range(3)]
    assert [worker.wait(90) for worker in workers] == [0, 0, 0]
    filled.shell(SHOW_ALL_LINES + PROCESS)
    assert filled.query(LINES) == [(EMAILS, EMAILS)]
    assert filled.query(PENDING) == [(0,)]


def test_killed_worker_loses_no_news(filled):
    filled.shell(KILLED_AFTER_NOTIFYING, check=False)
    assert filled.query(LINES) == [(0, 0)]
    filled.shell(SHOW_ALL_LINES + PROCESS)
    assert filled.query(LINES) == [(EMAILS, EMAILS)]
    assert filled.query(PENDING) == [(0,)]
