"""A database that the first release made and used is upgraded: its records stay, its
emails keep working, and its structure equals that of a new database.
"""

import re

import pytest

from .helpers.database_schema import differences, schema
from .helpers.lane_requests import NO_CRON
from .helpers.odoo_server import ADDON, BASE, PREPARED, live_odoo, template, wait_until
from .helpers.previous_releases import (
    FIRST_DAY,
    FIRST_RELEASE,
    skip_without_history,
    unpack,
)

FILE = b"%PDF-1.4 our offer"
DESTINATION = "https://shop.example.net/p?a=[1]&b=%C3%A9#top"
SOON = 20  # seconds
SENT = ("carla", "bob", "dora")
QUEUED = ("erin",)

SEND = f"""
from markupsafe import Markup
if "tracking_hold_seconds" in env["res.company"]._fields:
    env["res.company"].search([]).tracking_hold_seconds = 0  # of a click
for name in NAMES:
    customer = env["res.partner"].create(
        {{"name": name, "email": f"{{name}}@x.example.org"}})
    lead = env["crm.lead"].create({{"name": "Big deal", "partner_id": customer.id}})
    message = lead.message_post(
        body=Markup('<p><a href="%s">our prices</a></p>') % {DESTINATION!r},
        subject="Proposal", message_type="comment", subtype_xmlid="mail.mt_comment",
        partner_ids=customer.ids, attachments=[("offer.pdf", {FILE!r})],
        is_tracked=True, force_send=FORCE_SEND)
    assert message.is_tracked, message.untracked_reason
env.cr.commit()
"""
NEW = """
customer = env["res.partner"].create({"name": "nina", "email": "nina@x.example.org"})
customer.message_post(
    body="Hello", subject="News", message_type="comment", partner_ids=customer.ids,
    subtype_xmlid="mail.mt_comment", is_tracked=True)
env.cr.commit()
"""
LONG_AGO = """
UPDATE trackable_email SET sent_date = sent_date - interval '1 hour' RETURNING id
"""
CRON = "SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_process_hits'"
WAITING = "SELECT count(*) FROM trackable_hit"
COUNTS = """
SELECT COALESCE(raw_open_count, 0), COALESCE(raw_click_count, 0),
       COALESCE(open_count, 0), COALESCE(click_count, 0)
  FROM trackable_email WHERE email_to = '%s@x.example.org'
"""
OWN_COLUMNS = """
SELECT table_name, column_name
  FROM information_schema.columns JOIN pg_tables ON tablename = table_name
 WHERE table_schema = 'public' AND table_name ~ '^trackable_' ORDER BY 1, 2
"""
ENTRIES = """
SELECT message.model, message.res_id, message.id, message.body
  FROM mail_message message
  JOIN ir_model_data data ON data.res_id = message.subtype_id
 WHERE data.module = 'pipeline_tracking' AND data.name = 'mt_trackable_email_action'
 ORDER BY message.id
"""
# columns that an upgrade drops, and what has taken their place
GONE = {("trackable_hit", "reply_message_id"): "is_reply, since 19.0.1.2.0"}
# columns that an upgrade writes: entries have details, since 19.0.1.5.0
WRITTEN = {("trackable_email_entry", "write_date")}
PROBLEM = re.compile(r"^.* (?:WARNING|ERROR|CRITICAL) .*$", re.MULTILINE)


def recorded(odoo, columns):
    """The rows of our tables, and the entries in chatters.

    :param columns: of each table, those to read
    """
    found = {"entries": odoo.query(ENTRIES)}
    for table, names in columns.items():
        # NULL is 0 to Odoo
        values = ", ".join(f"COALESCE(to_jsonb({name}), '0')" for name in names)
        found[table] = odoo.query(f"SELECT {values} FROM {table} ORDER BY id")
    return found


def name_of(delivered):
    """Whom it went to."""
    return delivered.recipients[0].partition("@")[0]


def own_columns(odoo):
    """The columns of each table of ours, by the table's name."""
    found = {}
    for table, column in odoo.query(OWN_COLUMNS):
        found.setdefault(table, []).append(column)
    return found


def unlike_new(odoo):
    """What tells the database from a new one.

    :rtype: dict
    """
    found, expected = schema(odoo.name), schema(template(ADDON))
    found["parameters"] -= PREPARED
    # labels of columns, for who looks without Odoo: it writes them only once
    found["comments"] = expected["comments"]
    return differences(found, expected)


class Upgraded:
    """A database that the first release made, upgraded; and what it was before."""

    def __init__(self, odoo, folder):
        self.odoo = odoo
        self.version = unpack(FIRST_RELEASE, folder)
        then = f"--addons-path={folder}"
        odoo.run("-i", "pipeline_tracking", then)
        odoo.shell(f"NAMES, FORCE_SEND = {SENT}, True\n{SEND}", then)
        wait_until(lambda: len(odoo.inbox.emails) == len(SENT), SOON)
        self.delivered = {name_of(one): one for one in odoo.inbox.emails}
        odoo.query(LONG_AGO)
        self.use(then)
        odoo.shell(f"NAMES, FORCE_SEND = {QUEUED}, False\n{SEND}", then)
        columns = own_columns(odoo)
        kept = {
            table: [
                name for name in names if (table, name) not in GONE.keys() | WRITTEN
            ]
            for table, names in columns.items()
        }
        self.before = recorded(odoo, kept)
        self.log = odoo.run("-u", "pipeline_tracking")
        self.after = recorded(odoo, kept)
        now = own_columns(odoo)
        self.gone = {
            (table, name)
            for table, names in columns.items()
            for name in set(names) - set(now.get(table, ()))
        }

    def use(self, then):
        """The customers open and click, and one request is left in the queue."""
        odoo, carla = self.odoo, self.delivered["carla"]
        with odoo.server(then):
            assert odoo.get(carla.image_urls[0]).ok
            assert odoo.get(carla.links["our prices"]).status_code == 302
            done = [(1, 1, 1, 1)]
            wait_until(lambda: odoo.query(COUNTS % "carla") == done, SOON)
        with odoo.server(then, NO_CRON):
            assert odoo.get(self.delivered["bob"].image_urls[0]).ok
            assert odoo.query(WAITING) == [(1,)]


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    skip_without_history()
    with live_odoo(BASE) as odoo:
        yield Upgraded(odoo, tmp_path_factory.mktemp("first_release"))


@pytest.fixture(scope="module")
def odoo(upgraded):
    with upgraded.odoo.server() as running:
        yield running


def test_it_was_the_first_release(upgraded):
    """And there was something to lose."""
    assert upgraded.version == "19.0.1.0.0"
    assert len(upgraded.before["trackable_email"]) == len(SENT)
    assert len(upgraded.before["trackable_email_action"]) == 2
    assert len(upgraded.before["trackable_hit"]) == 1
    assert {entry[0] for entry in upgraded.before["entries"]} == {
        "res.partner",
        "crm.lead",
    }


def test_nothing_is_told_to_the_administrator(upgraded):
    assert "module pipeline_tracking: Running migration" in upgraded.log
    assert PROBLEM.findall(upgraded.log) == []


def test_what_was_recorded_is_as_it_was(upgraded):
    assert upgraded.gone == set(GONE)
    entries = upgraded.before.pop("entries"), upgraded.after.pop("entries")
    assert upgraded.after == upgraded.before
    for before, after in zip(*entries, strict=True):
        if before[0] == "crm.lead":
            assert after == before
        else:
            assert after[:3] == before[:3]


def test_entries_on_contacts_tell_no_subject(upgraded):
    """Unlike before: not everyone who may read a contact may read the lead."""
    bodies = [
        body
        for model, _id, _message, body in upgraded.odoo.query(ENTRIES)
        if model == "res.partner"
    ]
    assert bodies
    for body in bodies:
        assert "an email" in body and "Clicked" in body
        assert "Proposal" not in body and "our prices" not in body


def test_it_is_made_like_a_new_database(upgraded):
    assert unlike_new(upgraded.odoo) == {}


def test_the_hit_that_waited_is_understood(odoo):
    """With the job's next run, a minute later at most."""
    [(cron_id,)] = odoo.query(CRON)
    odoo.call("ir.cron", "method_direct_trigger", [cron_id])
    assert odoo.query(WAITING) == [(0,)]
    assert odoo.query(COUNTS % "bob") == [(1, 0, 1, 0)]


def test_what_was_sent_before_leads_where_it_did(upgraded, odoo):
    """And what the customers do is recorded."""
    carla, dora = upgraded.delivered["carla"], upgraded.delivered["dora"]
    (file,) = set(dora.tracked_urls) - {*dora.image_urls, dora.links["our prices"]}
    assert odoo.get(file).content == FILE
    wait_until(lambda: odoo.query(COUNTS % "dora") == [(0, 1, 1, 1)], SOON)
    response = odoo.get(dora.image_urls[0])
    assert response.headers["Content-Type"] == "image/gif"
    wait_until(lambda: odoo.query(COUNTS % "dora")[0][:2] == (1, 1), SOON)
    response = odoo.get(carla.links["our prices"])
    assert (response.status_code, response.headers["Location"]) == (302, DESTINATION)
    wait_until(lambda: odoo.query(COUNTS % "carla")[0][:2] == (1, 2), SOON)
    (entry,) = [
        body
        for model, _id, _message, body in odoo.query(ENTRIES)
        if model == "crm.lead" and "dora" in body
    ]
    assert "offer.pdf" in entry


def test_emails_are_tracked(odoo):
    """New ones, and those that the first release left in the outgoing queue."""
    odoo.shell(NEW)
    odoo.shell("env['mail.mail'].process_email_queue()")
    wait_until(
        # Odoo itself may write to its administrator meanwhile.
        lambda: {"nina", *SENT, *QUEUED} <= set(map(name_of, odoo.inbox.emails)),
        SOON,
    )
    arrived = {name_of(one): one for one in odoo.inbox.emails}
    for name in ("nina", *QUEUED):
        assert odoo.get(arrived[name].image_urls[0]).ok
        wait_until(lambda name=name: odoo.query(COUNTS % name)[0][2] == 1, SOON)


def test_a_database_of_the_first_day(tmp_path):
    """Made before the first release was what it became."""
    skip_without_history()
    with live_odoo(BASE) as odoo:
        assert unpack(FIRST_DAY, tmp_path) == "19.0.1.0.0"
        then = f"--addons-path={tmp_path}"
        odoo.run("-i", "pipeline_tracking", then)
        odoo.shell(f"NAMES, FORCE_SEND = {SENT}, True\n{SEND}", then)
        wait_until(lambda: len(odoo.inbox.emails) == len(SENT), SOON)
        assert unlike_new(odoo)
        assert PROBLEM.findall(odoo.run("-u", "pipeline_tracking")) == []
        assert unlike_new(odoo) == {}
        keys = (
            "SELECT recipient_key = 'res.partner,' || partner_id FROM trackable_email"
        )
        assert odoo.query(keys) == [(True,)] * len(SENT)
