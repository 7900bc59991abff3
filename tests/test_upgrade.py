"""An upgrade from the first release keeps the records and the links of sent emails.

The upgraded database has the same structure as a new database.
"""

import re

import pytest
import requests

from .common import path_of
from .helpers.database_schema import differences, schema
from .helpers.lane_requests import NO_CRON
from .helpers.odoo_server import ADDON, BASE, PREPARED, live_odoo, template, wait_until
from .helpers.previous_releases import (
    FIRST_RELEASE,
    FIRST_RELEASE_COMMIT,
    skip_without_history,
    unpack,
)

FILE = b"%PDF-1.4 our offer"
DESTINATION = "https://shop.example.net/p?a=[1]&b=%C3%A9#top"
MACHINE = "curl/8.5.0"
SOON = 20  # seconds
SENT = ("carla", "bob", "dora", "otto")
QUEUED = ("erin",)

SEND = f"""
from markupsafe import Markup
if "tracking_hold_seconds" in env["res.company"]._fields:
    env["res.company"].search([]).tracking_hold_seconds = 0  # clicks count at once
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
OBJECT = """
env["trackable.consent"]._object("otto@x.example.org", "link")
env.cr.commit()
"""
SAVE_FAVORITE = """
env["ir.filters"].create({
    "name": "Used", "model_id": "trackable.link.report", "sort": '["times desc"]',
    "domain": "[('times', '>', 0)]", "context": {"pivot_measures": ["people", "times"]},
})
env["ir.exports"].create({
    "name": "Links", "resource": "trackable.link",
    "export_fields": [(0, 0, {"name": "people_count"})],
})
env.cr.commit()
"""
READ_FAVORITE = """
from ast import literal_eval
favorite = env["ir.filters"].search([("name", "=", "Used")])
lines = env[favorite.model_id].search(
    literal_eval(favorite.domain), order=literal_eval(favorite.sort)[0])
measures = literal_eval(favorite.context)["pivot_measures"]
export = env["ir.exports"].search([("name", "=", "Links")])
print("favorite:", len(lines) > 0, measures, export.export_fields.mapped("name"))
"""
LET_ACTIONS_EXPIRE = """
UPDATE trackable_email_action action SET occurred_at = occurred_at - interval '3 years'
  FROM trackable_email email
 WHERE email.id = trackable_email_id AND email_to = 'dora@x.example.org';
UPDATE trackable_email_entry entry SET day = day - interval '3 years'
  FROM trackable_email email
 WHERE email.id = trackable_email_id AND email_to = 'dora@x.example.org';
UPDATE trackable_email SET oldest_action_date = oldest_action_date - interval '3 years'
 WHERE email_to = 'dora@x.example.org' RETURNING id
"""
DELETE_EXPIRED_ACTIONS = """
env["trackable.email"]._gc_actions()
env.cr.commit()
"""
SEND_TO_OBJECTOR = """
customer = env["res.partner"].search([("email", "=", "otto@x.example.org")])
message = customer.message_post(
    body="Hello", subject="News", message_type="comment", partner_ids=customer.ids,
    subtype_xmlid="mail.mt_comment", is_tracked=True)
print("tracked:", message.is_tracked)
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
CRON_NAMES = f"""
SELECT cron_name, ir_act_server.name->>'en_US'
  FROM ir_cron JOIN ir_act_server ON ir_act_server.id = ir_actions_server_id
 WHERE ir_cron.id = ({CRON})
"""
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
# The tables of objections and of action totals in FIRST_RELEASE and in this version.
OBJECTIONS = ("trackable_consent", "trackable_objection")
ACTION_TOTALS = ("trackable_cleared", "trackable_action_total")
RENAMED = dict([OBJECTIONS, ACTION_TOTALS])
# Columns that the upgrade drops, with their replacement.
GONE = {("trackable_email", "told_news"): "notified_keys, since 19.0.2.0.0"}
# Tables of wizards that the upgrade drops; they hold no data.
DROPPED = {"trackable_erasure", "res_partner_trackable_erasure_rel"}
# Columns that the upgrade writes: entries have details, since 19.0.1.5.0.
WRITTEN = {("trackable_email_entry", "write_date")}
PROBLEM = re.compile(r"^.* (?:WARNING|ERROR|CRITICAL) .*$", re.MULTILINE)


def read_objections(odoo, table):
    """Read which address opted out, and how.

    :rtype: list[tuple]
    """
    return odoo.query(
        "SELECT email_normalized, tracking_consent, tracking_consent_origin"
        f" FROM {table} ORDER BY email_normalized"
    )


def read_action_totals(odoo, table):
    """Read the totals of deleted actions.

    :rtype: list[tuple]
    """
    return odoo.query(
        "SELECT email_to, kind, actor, is_inferred, is_repeat, number"
        f" FROM {table} JOIN trackable_email email ON email.id = trackable_email_id"
        " ORDER BY 1, 2, 3, 4, 5"
    )


def read_actions(odoo):
    """Read who did what, and whether an open repeats an earlier one.

    :rtype: list[tuple]
    """
    return odoo.query(
        "SELECT email_to, kind, actor, is_repeat IS TRUE"
        "  FROM trackable_email_action"
        "  JOIN trackable_email email ON email.id = trackable_email_id"
        " ORDER BY 1, 2, 3, 4"
    )


def read_rows(odoo, columns, renamed=None):
    """Read the rows of the addon's tables, and the chatter entries.

    :param dict columns: the columns to read, by table
    :param dict renamed: a table's new name, by its name in ``columns``
    :rtype: dict[str, list[tuple]]
    """
    rows = {"entries": odoo.query(ENTRIES)}
    for table, names in columns.items():
        # Odoo reads NULL as 0
        values = ", ".join(f"COALESCE(to_jsonb({name}), '0')" for name in names)
        # Relation tables have no id.
        order = "id" if "id" in names else ", ".join(names)
        current = (renamed or {}).get(table, table)
        rows[table] = odoo.query(f"SELECT {values} FROM {current} ORDER BY {order}")
    return rows


def name_of(delivered):
    """Return the name in the recipient's address."""
    return delivered.recipients[0].partition("@")[0]


def own_columns(odoo):
    """Return the columns of the addon's tables, by table."""
    columns = {}
    for table, column in odoo.query(OWN_COLUMNS):
        columns.setdefault(table, []).append(column)
    return columns


def compare_to_new(odoo):
    """Return the differences of the structure to that of a new database.

    :rtype: dict
    """
    upgraded, expected = schema(odoo.name), schema(template(ADDON))
    upgraded["parameters"] -= PREPARED
    # Odoo writes the comments of columns only once
    upgraded["comments"] = expected["comments"]
    return differences(upgraded, expected)


class Upgraded:
    """A database of FIRST_RELEASE after the upgrade, with its content before."""

    def __init__(self, odoo, folder):
        self.odoo = odoo
        self.version = unpack(FIRST_RELEASE_COMMIT, folder)
        then = f"--addons-path={folder}"
        odoo.run("-i", "pipeline_tracking", then)
        odoo.shell(f"NAMES, FORCE_SEND = {SENT}, True\n{SEND}", then)
        wait_until(lambda: len(odoo.inbox.emails) == len(SENT), SOON)
        self.delivered = {name_of(email): email for email in odoo.inbox.emails}
        odoo.query(LONG_AGO)
        self.use(then)
        odoo.shell(f"NAMES, FORCE_SEND = {QUEUED}, False\n{SEND}", then)
        columns = own_columns(odoo)
        compared_columns = {
            table: [
                name for name in names if (table, name) not in GONE.keys() | WRITTEN
            ]
            for table, names in columns.items()
            if table not in DROPPED
        }
        self.objections = read_objections(odoo, OBJECTIONS[0])
        self.action_totals = read_action_totals(odoo, ACTION_TOTALS[0])
        self.actions = read_actions(odoo)
        self.notified = odoo.query(
            "SELECT id, told_news FROM trackable_email ORDER BY 1"
        )
        self.before = read_rows(odoo, compared_columns)
        self.log = odoo.run("-u", "pipeline_tracking")
        self.after = read_rows(odoo, compared_columns, RENAMED)
        now = own_columns(odoo)
        self.gone = {
            (table, name)
            for table, names in columns.items()
            if table not in DROPPED
            for name in set(names) - set(now.get(RENAMED.get(table, table), ()))
        }

    def use(self, then):
        """Make opens, clicks, an opt-out, expired actions, and a queued hit."""
        odoo, carla = self.odoo, self.delivered["carla"]
        with odoo.server(then):
            assert odoo.get(carla.image_urls[0]).ok
            assert odoo.get(carla.links["our prices"]).status_code == 302
            done = [(1, 1, 1, 1)]
            wait_until(lambda: odoo.query(COUNTS % "carla") == done, SOON)
            assert odoo.get(carla.image_urls[0]).ok
            assert requests.get(
                odoo.url + path_of(carla.links["our prices"]),
                headers={"User-Agent": MACHINE},
                allow_redirects=False,
                timeout=30,
            ).is_redirect
            assert odoo.get(self.delivered["dora"].image_urls[0]).ok
            done = [(2, 2, 1, 1)]
            wait_until(lambda: odoo.query(COUNTS % "carla") == done, SOON)
            wait_until(lambda: odoo.query(COUNTS % "dora") == [(1, 0, 1, 0)], SOON)
        odoo.shell(OBJECT, then)
        odoo.shell(SAVE_FAVORITE, then)
        odoo.query(LET_ACTIONS_EXPIRE)
        odoo.shell(DELETE_EXPIRED_ACTIONS, then)
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


def test_the_first_release_recorded_data(upgraded):
    assert upgraded.version == FIRST_RELEASE
    assert len(upgraded.before["trackable_email"]) == len(SENT)
    assert len(upgraded.before["trackable_hit"]) == 1
    carla, dora, otto = (f"{name}@x.example.org" for name in ("carla", "dora", "otto"))
    assert upgraded.objections == [(otto, "objected", "link")]
    assert upgraded.action_totals == [(dora, "open", "recipient", False, False, 1)]
    assert upgraded.actions == [
        (carla, "click", "machine", False),
        (carla, "click", "recipient", False),
        (carla, "open", "recipient", False),
        (carla, "open", "recipient", True),
    ]
    assert {entry[0] for entry in upgraded.before["entries"]} == {
        "res.partner",
        "crm.lead",
    }


def test_the_upgrade_logs_no_warning(upgraded):
    assert "module pipeline_tracking: Running migration" in upgraded.log
    assert PROBLEM.findall(upgraded.log) == []


def test_recorded_rows_do_not_change(upgraded):
    assert upgraded.gone == set(GONE)
    entries = upgraded.before.pop("entries"), upgraded.after.pop("entries")
    assert upgraded.after == upgraded.before
    for before, after in zip(*entries, strict=True):
        if before[0] == "crm.lead":
            assert after == before
        else:
            assert after[:3] == before[:3]


def test_the_scheduled_action_is_renamed(upgraded):
    [names] = upgraded.odoo.query(CRON_NAMES)
    assert names == ("Email Tracking: process opens and clicks",) * 2


def test_opt_outs_do_not_change(upgraded):
    assert read_objections(upgraded.odoo, OBJECTIONS[1]) == upgraded.objections


def test_action_totals_do_not_change(upgraded):
    assert read_action_totals(upgraded.odoo, ACTION_TOTALS[1]) == upgraded.action_totals


def test_actions_do_not_change(upgraded):
    assert read_actions(upgraded.odoo) == upgraded.actions


def test_actions_are_graded(upgraded):
    rows = upgraded.odoo.query(
        "SELECT DISTINCT actor, confidence FROM trackable_email_action ORDER BY 1, 2"
    )
    assert rows == [("machine", "high"), ("recipient", "medium")]


def test_senders_are_not_notified_again(upgraded):
    query = "SELECT id, notified_keys FROM trackable_email ORDER BY 1"
    assert any(keys for _id, keys in upgraded.notified)
    sent_before = upgraded.odoo.query(query)[: len(upgraded.notified)]
    assert sent_before == upgraded.notified


def test_recorded_actions_count_as_before(upgraded):
    rows = upgraded.odoo.query(
        "SELECT actor = 'recipient' AND is_repeat IS NOT TRUE, is_counted"
        "  FROM trackable_email_action"
    )
    assert {expected for expected, _stored in rows} == {True, False}
    assert all(expected is bool(stored) for expected, stored in rows)
    totals = upgraded.odoo.query("SELECT is_counted FROM trackable_action_total")
    assert totals == [(True,)]


def test_favorites_and_exports_name_renamed_fields(upgraded):
    printed = upgraded.odoo.shell(READ_FAVORITE)
    measures = ["recipient_count", "click_count"]
    assert f"favorite: True {measures} ['recipient_count']" in printed


def test_entries_on_contacts_lose_the_subject(upgraded):
    """Users who may read a contact may not be allowed to read the lead."""
    bodies = [
        body
        for model, _id, _message, body in upgraded.odoo.query(ENTRIES)
        if model == "res.partner"
    ]
    assert bodies
    for body in bodies:
        assert "an email" in body and "clicked a link" in body
        assert "Proposal" not in body and "our prices" not in body


def test_the_structure_equals_a_new_database(upgraded):
    assert compare_to_new(upgraded.odoo) == {}


def test_the_queued_hit_is_processed(odoo):
    [(cron_id,)] = odoo.query(CRON)
    odoo.call("ir.cron", "method_direct_trigger", [cron_id])
    assert odoo.query(WAITING) == [(0,)]
    assert odoo.query(COUNTS % "bob") == [(1, 0, 1, 0)]


def test_links_of_sent_emails_work_and_are_recorded(upgraded, odoo):
    carla, dora = upgraded.delivered["carla"], upgraded.delivered["dora"]
    (file,) = set(dora.tracked_urls) - {*dora.image_urls, dora.links["our prices"]}
    assert odoo.get(file).content == FILE
    # The total counts the open before the upgrade.
    wait_until(lambda: odoo.query(COUNTS % "dora")[0][:2] == (1, 1), SOON)
    response = odoo.get(dora.image_urls[0])
    assert response.headers["Content-Type"] == "image/gif"
    wait_until(lambda: odoo.query(COUNTS % "dora")[0][:2] == (2, 1), SOON)
    response = odoo.get(carla.links["our prices"])
    assert (response.status_code, response.headers["Location"]) == (302, DESTINATION)
    wait_until(lambda: odoo.query(COUNTS % "carla")[0][:2] == (2, 3), SOON)
    (entry,) = [
        body
        for model, _id, _message, body in odoo.query(ENTRIES)
        if model == "crm.lead" and "dora" in body
    ]
    assert "offer.pdf" in entry


def test_an_opt_out_applies_to_new_and_sent_emails(upgraded, odoo):
    assert odoo.shell(SEND_TO_OBJECTOR).strip() == "tracked: False"
    assert odoo.get(upgraded.delivered["otto"].image_urls[0]).ok
    [(cron_id,)] = odoo.query(CRON)
    odoo.call("ir.cron", "method_direct_trigger", [cron_id])
    assert odoo.query(COUNTS % "otto") == [(0, 0, 0, 0)]


def test_new_and_queued_emails_are_tracked(odoo):
    odoo.shell(NEW)
    odoo.shell("env['mail.mail'].process_email_queue()")
    wait_until(
        # Odoo may send emails to its administrator meanwhile.
        lambda: {"nina", *SENT, *QUEUED} <= set(map(name_of, odoo.inbox.emails)),
        SOON,
    )
    arrived = {name_of(email): email for email in odoo.inbox.emails}
    odoo.send_earlier()
    for name in ("nina", *QUEUED):
        assert odoo.get(arrived[name].image_urls[0]).ok
        wait_until(lambda name=name: odoo.query(COUNTS % name)[0][2] == 1, SOON)
