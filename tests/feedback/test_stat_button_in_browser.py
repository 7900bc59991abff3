"""The button and the cards follow opens in a real browser; untracked records cost
nothing.
"""

import pytest

from ..helpers.composer_email import send
from ..helpers.odoo_server import live_odoo, wait_until
from ..helpers.web_client_browser import logged_in

SOON_MS = 20_000
PIPELINE = "/odoo/action-crm.crm_lead_action_pipeline"
FILTER = "Opened in Last 7 Days"
# Collect what the page tells the worker that has the websocket.
COLLECT_WORKER_MESSAGES = """
    window.workerMessages = [];
    const post = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (message) {
        window.workerMessages.push(message);
        return post.apply(this, arguments);
    };
"""


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live, live.server():
        yield live


def button(page):
    return page.locator("button[name=action_open_trackable_emails]")


def listen(page):
    """Collect the requests and the subscriptions of a page, from its next load.

    :return: the requests, and a function that returns the names of channels
    """
    requests = []
    page.on("request", lambda request: requests.append(request))
    page.add_init_script(COLLECT_WORKER_MESSAGES)

    def get_channels():
        messages = page.evaluate("window.workerMessages")
        return [
            message["data"]
            for message in messages
            if message.get("action") == "BUS:ADD_CHANNEL"
        ]

    return requests, get_channels


def get_own_requests(requests):
    """Return the URLs of the requests that the addon makes. Odoo's request for the
    form's record also names fields of the addon.
    """
    return [
        request.url
        for request in requests
        if "track" in f"{request.url} {request.post_data}"
        and not request.url.endswith("/web_read")
    ]


def test_button_follows_opens(odoo, browser):
    """The opportunity's, the contact's and the company's buttons update, and changes
    that are not saved stay.
    """
    delivered, customer_id = send(odoo)
    company_id = odoo.call("res.partner", "create", {"name": "Acme", "is_company": 1})
    odoo.call("res.partner", "write", [customer_id], {"parent_id": company_id})
    (lead_id,) = odoo.call("crm.lead", "search", [("partner_id", "=", customer_id)])
    paths = (
        f"/odoo/crm/{lead_id}",
        f"/odoo/contacts/{customer_id}",
        f"/odoo/contacts/{company_id}",
    )
    with (
        logged_in(browser, odoo, paths[0]) as lead,
        logged_in(browser, odoo, paths[1]) as contact,
        logged_in(browser, odoo, paths[2]) as company,
    ):
        pages = (lead, contact, company)
        for page in pages:
            button(page).filter(has_text="0 of 1 opened").wait_for()
            page.wait_for_timeout(1000)  # the websocket
        name = contact.locator(".o_field_widget[name=website] input")
        name.fill("unsaved.example.com")
        odoo.get(delivered.image_urls[0])
        for page in pages:
            button(page).filter(has_text="1 of 1 opened").wait_for(timeout=SOON_MS)
        assert name.input_value() == "unsaved.example.com"
        contact.locator(".o_form_button_save").click()
        wait_until(
            lambda: "unsaved" in str(odoo.call("res.partner", "read", [customer_id])),
            5,
        )


def test_button_appears_with_the_first_tracked_email(odoo, browser):
    customer_id = odoo.call(
        "res.partner", "create", {"name": "Nora", "email": "nora@new.example.org"}
    )
    lead_id = odoo.call(
        "crm.lead", "create", {"name": "New deal", "partner_id": customer_id}
    )
    odoo.inbox.emails.clear()
    with logged_in(browser, odoo, f"/odoo/crm/{lead_id}") as page:
        page.locator(".o-mail-Chatter-sendMessage").click()
        page.locator(".o-mail-Composer-input").fill("Hello Nora")
        toggle = page.locator(".o_tracked_toggle")
        if toggle.get_attribute("aria-pressed") == "false":
            toggle.click()
        assert button(page).count() == 0
        page.locator(".o-mail-Composer-send:enabled").click()
        button(page).filter(has_text="0 of 1 opened").wait_for(timeout=SOON_MS)
        wait_until(lambda: odoo.inbox.emails, 5)
        (delivered,) = odoo.inbox.emails
        page.wait_for_timeout(1000)  # the websocket
        odoo.send_earlier()
        odoo.get(delivered.image_urls[0])
        button(page).filter(has_text="1 of 1 opened").wait_for(timeout=SOON_MS)


def test_card_list_and_filter(odoo, browser):
    delivered, customer_id = send(odoo)
    (lead_id,) = odoo.call("crm.lead", "search", [("partner_id", "=", customer_id)])
    odoo.call("crm.lead", "write", [lead_id], {"name": "Opened deal", "user_id": 2})
    odoo.call("crm.lead", "create", {"name": "Quiet deal", "user_id": 2})
    odoo.get(delivered.image_urls[0])
    wait_until(
        lambda: odoo.call(
            "crm.lead", "read", [lead_id], ["trackable_last_action_date"]
        )[0]["trackable_last_action_date"],
        SOON_MS / 1000,
    )
    with logged_in(browser, odoo, f"/odoo/crm/{lead_id}") as page:
        page.goto(odoo.url + PIPELINE)
        cards = page.locator(".o_kanban_record:not(.o_kanban_ghost)")
        opened = cards.filter(has_text="Opened deal")
        eye = opened.locator(".o_tracking_last_action")
        eye.wait_for()
        assert "Last opened or clicked on" in eye.get_attribute("title")
        quiet = cards.filter(has_text="Quiet deal")
        assert quiet.locator(".o_tracking_last_action").count() == 0
        page.locator(".o_searchview_dropdown_toggler").click()
        page.get_by_role("menuitemcheckbox", name=FILTER).click()
        quiet.wait_for(state="detached")
        opened.wait_for()
        page.locator(".o_switch_view.o_list").click()
        rows = page.locator(".o_data_row")
        rows.filter(has_text="Opened deal").wait_for()
        assert rows.filter(has_text="Quiet deal").count() == 0
        assert rows.locator(".o_tracking_last_action").count() == rows.count()
        page.goto(f"{odoo.url}/odoo/contacts?view_type=kanban")
        contact = cards.filter(has_text="carla@customer").last
        contact.locator(".o_tracking_last_action").wait_for()


def test_untracked_record_costs_nothing(odoo, browser):
    """The form makes no request and no subscription, and the same page of a tracked
    record subscribes.
    """
    delivered, customer_id = send(odoo)
    (tracked_id,) = odoo.call("crm.lead", "search", [("partner_id", "=", customer_id)])
    untracked_id = odoo.call(
        "crm.lead", "create", {"name": "Untracked", "partner_id": customer_id}
    )
    odoo.call("crm.lead", "message_post", [untracked_id], body="A plain note")
    with logged_in(browser, odoo, f"/odoo/crm/{untracked_id}") as page:
        requests, get_channels = listen(page)
        page.reload()
        page.locator(".o-mail-Message", has_text="A plain note").wait_for()
        page.wait_for_timeout(2000)
        assert any("web_read" in request.url for request in requests)
        assert get_own_requests(requests) == []
        assert [name for name in get_channels() if "tracking" in str(name)] == []

        requests.clear()
        page.goto(f"{odoo.url}/odoo/crm/{tracked_id}")
        page.locator(".o_tracking_badge").wait_for()
        page.wait_for_timeout(2000)
        assert get_own_requests(requests) == []
        assert f"pipeline_tracking/crm.lead/{tracked_id}" in get_channels()
        odoo.get(delivered.image_urls[0])
        button(page).filter(has_text="1 of 1 opened").wait_for(timeout=SOON_MS)
        (url,) = get_own_requests(requests)
        assert url.endswith("/crm.lead/read")
