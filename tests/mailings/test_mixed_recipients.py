"""A mailing to two hundred mixed recipients over SMTP, and their requests over HTTP:
traces, statistics, actions and chatter agree.
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
            "opened": e.opened, "clicks": e.click_count, "replied": bool(e.reply_date),
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
IN_TIME = 90  # seconds, for what is left in the queue: the job runs every minute


class Sent:
    """The mailing, and what became of it."""

    def __init__(self, live):
        self.live = live
        self.population = Population()
        self.request_count = Counter()
        self._answers = []
        described = {"file": FILE, **vars(self.population)}
        described["blacklisted"] = sorted(self.population.blacklisted)
        described["bounced"] = sorted(self.population.bounced)
        live.shell(SEND % json.dumps(described))
        self.arrived = {
            delivered.recipients[0]: delivered for delivered in live.inbox.emails
        }

    def live_through(self):
        """What everyone does, at a pace that people have."""
        self._receive(
            [
                bounce(address, self.arrived[address])
                for address in self.population.bounced
            ]
        )
        with self.live.server():
            for number in range(ROUNDS):
                self.population.act(
                    number, self.arrived, self._request, self._answers.append
                )
                time.sleep(PAUSE)
            self._receive(self._answers)
            wait_until(self._is_all_processed, IN_TIME)

    def ask(self):
        """What Odoo says."""
        return json.loads(self.live.shell(READ).splitlines()[-1])

    def _request(self, url, user_agent):
        response = requests.get(
            self.live.url + url[url.index("/t/") :],
            headers={"User-Agent": user_agent},
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
        sent.live_through()
        sent.answer = sent.ask()
        yield sent


def test_who_gets_it(sent):
    people = sent.population
    assert set(sent.arrived) == {*people.personas, *people.bounced}
    assert len(sent.live.inbox.emails) == len(sent.arrived), "once each"
    assert set(sent.answer["emails"]) == set(sent.arrived)
    statuses = Counter((status, why) for _e, status, why, *_d in sent.answer["traces"])
    assert statuses["cancel", "mail_bl"] == BLACKLISTED
    assert statuses["cancel", "mail_dup"] == DUPLICATES
    assert statuses["cancel", "mail_email_invalid"] == INVALID
    assert statuses["bounce", "mail_bounce"] == len(people.bounced)
    assert sum(statuses.values()) == SIZE


def test_everybody_is_there(sent):
    """Or the rest would show nothing."""
    opened = Counter(
        sent.population.persona(address).opened for address in sent.population.personas
    )
    assert min(opened["yes"], opened["maybe"], opened["no"]) >= 5
    assert sum(sent.request_count.values()) > SIZE


def test_what_we_say(sent):
    for address in sent.population.personas:
        persona = sent.population.persona(address)
        email = sent.answer["emails"][address]
        name = sent.population.personas[address]
        assert email["opened"] == persona.opened, name
        assert Counter(email["links"]) == Counter(persona.links), name
        assert email["downloads"] == persona.downloads, name
        assert email["clicks"] == len(persona.links) + persona.downloads, name
        assert email["replied"] == persona.replied, name


def test_every_request_is_kept(sent):
    recorded_count = sum(email["requests"] for email in sent.answer["emails"].values())
    assert recorded_count == sum(sent.request_count.values())


def test_what_odoo_says_of_each(sent):
    traces = {
        email: (status, is_open, is_clicked)
        for email, status, _why, is_open, is_clicked in sent.answer["traces"]
        if status not in ("cancel", "bounce")
    }
    assert set(traces) == set(sent.population.personas)
    for address, name in sent.population.personas.items():
        persona = sent.population.persona(address)
        # What cannot be told counts there, as it always has.
        status = "sent" if persona.opened == "no" else "open"
        status = "reply" if persona.replied else status
        is_open = persona.opened != "no"
        assert traces[address] == (status, is_open, bool(persona.links)), name


def test_what_odoo_says_of_links(sent):
    people = sent.population
    clicks = Counter(
        (address, link)
        for address in people.personas
        for link in people.persona(address).links
    )
    assert Counter(map(tuple, sent.answer["clicks"])) == clicks
    by_link = Counter()
    for (_address, link), count in clicks.items():
        by_link[link] += count
    assert sent.answer["trackers"] == by_link
    assert min(by_link.values()) > 5


def test_what_odoo_says_of_the_mailing(sent):
    people = [sent.population.persona(address) for address in sent.population.personas]
    assert sent.answer["mailing"] == {
        "expected": SIZE,
        "canceled": BLACKLISTED + DUPLICATES + INVALID,
        "sent": len(sent.arrived),
        "bounced": len(sent.population.bounced),
        "opened": sum(persona.opened != "no" for persona in people),
        "clicked": sum(bool(persona.links) for persona in people),
        "replied": sum(persona.replied for persona in people),
    }


def test_what_the_chatter_says(sent):
    """Once a day on the record, and on the contact, where there is only one."""
    people, total = sent.population, 0
    for address in sent.arrived:
        email = sent.answer["emails"][address]
        is_shown = address in people.personas and (
            people.persona(address).opened == "yes"
        )
        assert email["on_record"] == is_shown, people.personas.get(address)
        has_contact = address in people.with_contact
        assert email["partner"] == (address if has_contact else False)
        assert email["on_partner"] == (is_shown and has_contact)
        total += is_shown + (is_shown and has_contact)
    assert sent.answer["entries"] == total
