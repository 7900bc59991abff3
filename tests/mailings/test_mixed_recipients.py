"""Traces, statistics, actions and chatter agree for a mailing to mixed recipients.

The mailing goes to 200 recipients over SMTP, who send their requests over HTTP.
"""

import base64
import json
import time
from collections import Counter

import pytest
import requests

from ..helpers.odoo_server import live_odoo, wait_until
from ..helpers.recipient_personas import (
    BLACKLISTED,
    DUPLICATES,
    FILE,
    INVALID,
    PAUSE,
    ROUNDS,
    SIZE,
    Population,
    bounce,
)

SEND = """
import base64, json
population = json.loads(%r)
contacts = env["mailing.contact"].create(
    [{"name": email, "email": email} for email in population["addresses"]]
)
for email in population["blacklisted"]:
    env["mail.blacklist"]._add(email)
for number, name in ((1, "with_contact"), (2, "with_two_contacts")):
    env["res.partner"].create(
        [{"name": email, "email": email} for email in population[name]] * number
    )
mailing_list = env["mailing.list"].create(
    {"name": "Everyone", "contact_ids": [(6, 0, contacts.ids)]}
)
links = "".join(
    f'<p><a href="https://shop.example.net/{name}?a=1">{name}</a></p>'
    for name in ("offer", "prices", "terms")
)
file = env["ir.attachment"].create({"name": population["file"], "raw": b"%%PDF-1.4"})
mailing = env["mailing.mailing"].create({
    "subject": "News", "contact_list_ids": [(6, 0, mailing_list.ids)],
    "mailing_model_id": env.ref("mass_mailing.model_mailing_list").id,
    "body_html": f'<div>{links}<a href="/unsubscribe_from_list">Unsubscribe</a></div>',
    "attachment_ids": [(6, 0, file.ids)],
    "email_from": "admin@acme.example.com", "reply_to_mode": "new",
    "reply_to": "news@acme.example.com",
})
env.cr.commit()
mailing.action_send_mail()
env["mail.mail"].process_email_queue()
env.cr.commit()
"""
RECEIVE = """
import base64, json
for email in json.loads(%r):
    env["mail.thread"].message_process("crm.lead", base64.b64decode(email))
    env.cr.commit()
"""
READ = """
import json
mailing = env["mailing.mailing"].search([], order="id desc", limit=1)
emails = env["trackable.email"].search([("mailing_id", "=", mailing.id)])
subtype = env.ref("pipeline_tracking.mt_trackable_email_action")
def entries(model, res_id):
    return env["mail.message"].search_count([
        ("model", "=", model), ("res_id", "=", res_id), ("subtype_id", "=", subtype.id),
    ])
print(json.dumps({
    "traces": [
        [t.email, t.trace_status, t.failure_type, bool(t.open_datetime),
         bool(t.links_click_datetime)]
        for t in mailing.mailing_trace_ids
    ],
    "trackers": {t.label: t.count for t in env["link.tracker"].search([])},
    "clicks": [
        [c.mailing_trace_id.email, c.link_id.label]
        for c in env["link.tracker.click"].search([])
    ],
    "emails": {
        e.email_to: {
            "status": e.status, "clicks": e.click_count, "replied": bool(e.reply_date),
            "partner": e.partner_id.email, "on_record": entries(e.res_model, e.res_id),
            "on_partner": entries("res.partner", e.partner_id.id),
            "links": [
                a.trackable_link_id.label for a in e.action_ids
                if a.kind == "click" and a.actor == "recipient"
            ],
            "downloads": len(e.action_ids.filtered(
                lambda a: a.kind == "download" and a.actor == "recipient"
            )),
            "requests": len(e.action_ids.filtered(lambda a: a.reason != "inferred")),
        }
        for e in emails
    },
    "mailing": {
        name: mailing[name] for name in
        ("expected", "sent", "opened", "clicked", "replied", "bounced", "canceled")
    },
    "entries": env["mail.message"].search_count([("subtype_id", "=", subtype.id)]),
}))
"""
PROCESSING_TIMEOUT = 90  # seconds; the cron job runs every minute


class Sent:
    """A sent mailing, with the requests and replies of its recipients."""

    def __init__(self, live):
        self.live = live
        self.population = Population()
        self.request_count = Counter()
        self._replies = []
        described = {"file": FILE, **vars(self.population)}
        described["blacklisted"] = sorted(self.population.blacklisted)
        described["bounced"] = sorted(self.population.bounced)
        live.shell(SEND % json.dumps(described))
        live.send_earlier()
        self.arrived = {
            delivered.recipients[0]: delivered for delivered in live.inbox.emails
        }

    def let_recipients_act(self):
        """Let all recipients act, at the pace of people."""
        self._receive(
            [
                bounce(address, self.arrived[address])
                for address in self.population.bounced
            ]
        )
        with self.live.server("--proxy-mode"):
            for number in range(ROUNDS):
                self.population.act(
                    number, self.arrived, self._request, self._replies.append
                )
                time.sleep(PAUSE)
            self._receive(self._replies)
            wait_until(self._is_all_processed, PROCESSING_TIMEOUT)

    def read_results(self):
        """Return traces, statistics, actions and chatter entries from Odoo."""
        return json.loads(self.live.shell(READ).splitlines()[-1])

    def _request(self, url, ip, user_agent):
        response = requests.get(
            self.live.url + url[url.index("/t/") :],
            headers={
                "User-Agent": user_agent,
                "X-Forwarded-For": ip,
                "X-Forwarded-Host": "odoo.acme.example.com",
            },
            allow_redirects=False,
            timeout=30,
        )
        assert response.status_code in (200, 302)
        self.request_count[url] += 1

    def _receive(self, emails):
        encoded = [base64.b64encode(email).decode() for email in emails]
        self.live.shell(RECEIVE % json.dumps(encoded))

    def _is_all_processed(self):
        [[waiting_count]] = self.live.query(
            "SELECT (SELECT count(*) FROM trackable_hit)"
            " + (SELECT count(*) FROM trackable_email WHERE is_trace_due)"
        )
        return not waiting_count


@pytest.fixture(scope="module")
def sent():
    with live_odoo() as live:
        sent = Sent(live)
        sent.let_recipients_act()
        sent.results = sent.read_results()
        yield sent


def test_recipients_of_the_mailing(sent):
    population = sent.population
    assert set(sent.arrived) == {*population.personas, *population.bounced}
    assert len(sent.live.inbox.emails) == len(sent.arrived), (
        "one email for each recipient"
    )
    assert set(sent.results["emails"]) == set(sent.arrived)
    statuses = Counter(
        (status, failure_type)
        for _email, status, failure_type, *_dates in sent.results["traces"]
    )
    assert statuses["cancel", "mail_bl"] == BLACKLISTED
    assert statuses["cancel", "mail_dup"] == DUPLICATES
    assert statuses["cancel", "mail_email_invalid"] == INVALID
    assert statuses["bounce", "mail_bounce"] == len(population.bounced)
    assert sum(statuses.values()) == SIZE


def test_the_population_has_every_outcome(sent):
    """Otherwise the other tests would compare empty results."""
    opened = Counter(
        sent.population.persona(address).opened for address in sent.population.personas
    )
    assert min(opened["yes"], opened["maybe"], opened["no"]) >= 5
    assert sum(sent.request_count.values()) > SIZE


def get_status(persona):
    """Return the expected status of the email: the strongest action."""
    if persona.replied:
        return "replied"
    if persona.downloads:
        return "downloaded"
    if persona.links:
        return "clicked"
    return {"yes": "opened", "no": "unopened"}.get(persona.opened, persona.opened)


def test_trackable_emails_agree_with_personas(sent):
    for address in sent.population.personas:
        persona = sent.population.persona(address)
        email = sent.results["emails"][address]
        name = sent.population.personas[address]
        assert email["status"] == get_status(persona), name
        assert Counter(email["links"]) == Counter(persona.links), name
        assert email["downloads"] == persona.downloads, name
        assert email["clicks"] == len(persona.links) + persona.downloads, name
        assert email["replied"] == persona.replied, name


def test_every_request_is_stored(sent):
    recorded_count = sum(email["requests"] for email in sent.results["emails"].values())
    assert recorded_count == sum(sent.request_count.values())


def test_traces_agree_with_personas(sent):
    traces = {
        email: (status, is_open, is_clicked)
        for email, status, _failure_type, is_open, is_clicked in sent.results["traces"]
        if status not in ("cancel", "bounce")
    }
    assert set(traces) == set(sent.population.personas)
    for address, name in sent.population.personas.items():
        persona = sent.population.persona(address)
        # Odoo's statistics count possible opens by default.
        status = "sent" if persona.opened == "no" else "open"
        status = "reply" if persona.replied else status
        is_open = persona.opened != "no"
        assert traces[address] == (status, is_open, bool(persona.links)), name


def test_link_trackers_agree_with_personas(sent):
    population = sent.population
    clicks = Counter(
        (address, link)
        for address in population.personas
        for link in population.persona(address).links
    )
    assert Counter(map(tuple, sent.results["clicks"])) == clicks
    by_link = Counter()
    for (_address, link), count in clicks.items():
        by_link[link] += count
    assert sent.results["trackers"] == by_link
    assert min(by_link.values()) > 5


def test_mailing_statistics_agree_with_personas(sent):
    personas = [
        sent.population.persona(address) for address in sent.population.personas
    ]
    assert sent.results["mailing"] == {
        "expected": SIZE,
        "canceled": BLACKLISTED + DUPLICATES + INVALID,
        "sent": len(sent.arrived),
        "bounced": len(sent.population.bounced),
        "opened": sum(persona.opened != "no" for persona in personas),
        "clicked": sum(bool(persona.links) for persona in personas),
        "replied": sum(persona.replied for persona in personas),
    }


def test_chatter_entries_agree_with_personas(sent):
    """An entry is on the record, and on the contact if there is only one."""
    population, total = sent.population, 0
    for address in sent.arrived:
        email = sent.results["emails"][address]
        is_shown = address in population.personas and (
            population.persona(address).opened == "yes"
        )
        assert email["on_record"] == is_shown, population.personas.get(address)
        has_contact = address in population.with_contact
        assert email["partner"] == (address if has_contact else False)
        assert email["on_partner"] == (is_shown and has_contact)
        total += is_shown + (is_shown and has_contact)
    assert sent.results["entries"] == total
