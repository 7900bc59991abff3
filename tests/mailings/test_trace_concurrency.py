"""Mailing traces are updated while other transactions change the same rows."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from ..helpers.odoo_server import live_odoo, wait_until

SEND = """
contacts = env["mailing.contact"].create(
    [{"name": f"N{n}", "email": f"n{n}@customer.example.net"} for n in range(20)]
)
mailing_list = env["mailing.list"].create(
    {"name": "Everyone", "contact_ids": [(6, 0, contacts.ids)]}
)
env["mailing.mailing"].create({
    "subject": "News", "contact_list_ids": [(6, 0, mailing_list.ids)],
    "mailing_model_id": env.ref("mass_mailing.model_mailing_list").id,
    "body_html": '<div><a href="https://shop.example.net/">offer</a>'
    '<a href="https://shop.example.net/2">other</a></div>',
    "email_from": "admin@acme.example.com", "reply_to": "admin@acme.example.com",
}).action_send_mail()
env.cr.commit()
tracker = env["link.tracker"].search([("label", "=", "offer")])
print(tracker.short_url)
"""
PROCESS = "env['trackable.hit']._process(); env.cr.commit()"
SOON = 60  # seconds


@pytest.fixture
def odoo():
    with live_odoo() as live:
        live.short_url = live.shell(SEND).splitlines()[-1]
        live.arrived = {email.recipients[0]: email for email in live.inbox.emails}
        assert len(live.arrived) == 20
        live.send_earlier()
        yield live


def count(odoo, condition):
    [[number]] = odoo.query(f"SELECT count(*) FROM {condition}")
    return number


def test_a_trace_locked_by_a_sender_is_skipped(odoo):
    """A trace that a sender has locked is skipped, and updated later."""
    urls = [email.image_urls[0] for email in odoo.arrived.values()]
    with odoo.server("--max-cron-threads=0"):
        for url in urls:
            odoo.get(url)
    with odoo.transaction() as sender:
        sender.execute(
            "SELECT FROM mailing_trace WHERE email = 'n3@customer.example.net'"
            " FOR UPDATE"
        )
        start = time.monotonic()
        odoo.shell(PROCESS)
        assert time.monotonic() - start < SOON
        assert count(odoo, "mailing_trace WHERE trace_status = 'open'") == 19
        assert count(odoo, "trackable_email WHERE open_count = 1") == 20
        assert count(odoo, "trackable_email WHERE is_trace_due") == 1
    odoo.shell(PROCESS)
    assert count(odoo, "mailing_trace WHERE trace_status = 'open'") == 20
    assert not count(odoo, "trackable_email WHERE is_trace_due")


def test_tracked_and_short_links_used_at_once(odoo):
    """Clicks on tracked links and on Odoo's short links of one tracker all count."""
    short_path = odoo.short_url[odoo.short_url.index("/r/") :]
    tracked = [email.links["offer"] for email in odoo.arrived.values()]

    def follow(number):
        if number % 2:
            return odoo.get(tracked[number // 2]).status_code
        return requests.get(
            odoo.url + short_path, allow_redirects=False, timeout=SOON
        ).status_code

    with odoo.server():
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(follow, range(40)))
        wait_until(
            lambda: (
                not count(odoo, "trackable_hit")
                and not count(odoo, "trackable_email WHERE is_trace_due")
            ),
            SOON + 30,
        )
    assert sorted(set(statuses)) == [301, 302]
    assert count(odoo, "link_tracker_click") == 40
    assert count(odoo, "link_tracker_click WHERE mailing_trace_id IS NOT NULL") == 20
    [[counted]] = odoo.query("SELECT sum(count) FROM link_tracker")
    assert counted == 40
