"""Opens and clicks reach the chatter on a real server, with commits and cron."""

import json
import time

import pytest

from .common import SUBTYPE
from .helpers.composer_email import BODY, DESTINATION, send
from .helpers.odoo_server import BASE, live_odoo, wait_until

SOON = 5  # seconds until an open is in the chatter
HOLD = 15  # seconds that a click waits before it counts
IN_TIME = 90  # seconds until a click is in the chatter, with the default settings
STALE = 3  # seconds after which an ignored trigger is sent again
PROCESS = "env['trackable.hit']._process(); env.cr.commit()"


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live, live.server():
        yield live


def entries(odoo, partner_id):
    """Return the bodies of a partner's chatter entries."""
    domain = [
        ("model", "=", "res.partner"),
        ("res_id", "=", partner_id),
        ("subtype_id.name", "=", "Trackable Email Action"),
    ]
    return [
        m["body"] for m in odoo.call("mail.message", "search_read", domain, ["body"])
    ]


def test_from_the_composer_to_the_chatter(odoo):
    delivered, customer_id = send(odoo)
    sessions = odoo.sessions
    (image,) = delivered.image_urls

    response = odoo.get(image)
    assert (response.status_code, len(response.content)) == (200, 43)
    assert response.headers["Cache-Control"] == "no-store, private"
    assert not response.cookies and "Set-Cookie" not in response.headers
    wait_until(lambda: entries(odoo, customer_id), SOON)

    response = odoo.get(delivered.links["our prices"])
    assert (response.status_code, response.headers["Location"]) == (302, DESTINATION)
    assert not response.cookies
    wait_until(lambda: "clicked" in entries(odoo, customer_id)[0], SOON)

    assert odoo.sessions == sessions, "requests start no session"
    (body,) = entries(odoo, customer_id)
    assert "opened" in body and "Carla" in body and "an email" in body


def test_a_held_click_reaches_the_chatter_in_time(odoo):
    """Use the default settings. Only the click itself wakes the cron job."""
    company_ids = odoo.call("res.company", "search", [])
    defaults = odoo.call("res.company", "default_get", ["tracking_hold_seconds"])
    assert defaults == {"tracking_hold_seconds": HOLD}
    odoo.call("res.company", "write", company_ids, defaults)
    try:
        delivered, customer_id = send(odoo)
        start = time.monotonic()
        response = odoo.get(delivered.links["our prices"])
        assert response.headers["Location"] == DESTINATION
        assert time.monotonic() - start < SOON, "the recipient never waits"
        wait_until(lambda: entries(odoo, customer_id), IN_TIME)
        assert time.monotonic() - start > HOLD
        assert "clicked" in entries(odoo, customer_id)[0]
    finally:
        odoo.call("res.company", "write", company_ids, {"tracking_hold_seconds": 0})


def test_an_untracked_email_is_unchanged(odoo):
    delivered, _customer_id = send(odoo, is_tracked=False)
    assert not delivered.tracked_urls
    assert delivered.links["our prices"] == DESTINATION


def test_many_hits_wake_the_cron_with_one_trigger(odoo):
    delivered, customer_id = send(odoo)
    cron = "SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_process_hits'"
    ((cron_id,),) = odoo.query(cron)
    triggers = f"SELECT count(*) FROM ir_cron_trigger WHERE cron_id = {cron_id}"
    count = 30
    with odoo.transaction() as cursor:
        # the lock of a worker that runs the job: triggers are possible, a start is not
        cursor.execute(f"SELECT FROM ir_cron WHERE id = {cron_id} FOR NO KEY UPDATE")
        cursor.execute(f"DELETE FROM ir_cron_trigger WHERE cron_id = {cron_id}")
        ((before,),) = odoo.query(triggers)
        for _time in range(count):
            assert odoo.get(delivered.image_urls[0]).status_code == 200
        wait_until(lambda: odoo.query(triggers) == [(before + 1,)], SOON)
        time.sleep(STALE)
        assert odoo.query(triggers) == [(before + 1,)]
    # The workers could not start the job; the next hit notifies them again.
    odoo.get(delivered.image_urls[0])
    opens = (
        f"SELECT raw_open_count FROM trackable_email WHERE partner_id = {customer_id}"
    )
    wait_until(lambda: odoo.query(opens) == [(count + 1,)], SOON)


SEND_WITHOUT_COMMIT = """
import os, signal
from markupsafe import Markup
partner = {"name": "Made With It", "email": "m@with.example.org"}
customer = env["res.partner"].create(partner)
message = customer.message_post(
    body=Markup(BODY), subject="Lost", partner_ids=customer.ids, is_tracked=True,
    subtype_xmlid="mail.mt_comment", message_type="comment", force_send=True,
    send_after_commit=False, attachments=[("offer.txt", b"The offer")],
)
assert message.is_tracked
END
"""


@pytest.mark.parametrize(
    "end",
    ["os.kill(os.getpid(), signal.SIGKILL)", "env.cr.rollback()", "env.cr.commit()"],
    ids=["killed", "rolled back", "committed"],
)
def test_the_email_works_however_the_sending_transaction_ends(odoo, end):
    odoo.inbox.emails.clear()
    script = SEND_WITHOUT_COMMIT.replace("BODY", repr(BODY)).replace("END", end)
    odoo.shell(script, check="kill" not in end)
    (delivered,) = odoo.inbox.emails
    (trackable,) = odoo.query(
        "SELECT p.name, e.partner_id IS NOT NULL FROM trackable_email e"
        " LEFT JOIN res_partner p ON p.id = e.partner_id ORDER BY e.id DESC LIMIT 1"
    )
    is_committed = "commit" in end
    assert trackable == (("Made With It", True) if is_committed else (None, False))

    assert odoo.get(delivered.image_urls[0]).status_code == 200
    response = odoo.get(delivered.links["our prices"])
    assert (response.status_code, response.headers["Location"]) == (302, DESTINATION)
    assert odoo.get(delivered.links["offer.txt"]).content == b"The offer"
    wait_until(lambda: odoo.query("SELECT count(*) FROM trackable_hit") == [(0,)], SOON)
    counts = (
        "SELECT raw_open_count, raw_click_count FROM trackable_email"
        " ORDER BY id DESC LIMIT 1"
    )
    assert odoo.query(counts) == [(1, 2)]


COUNT_QUERIES = """
import json, threading
thread = threading.current_thread()
partner = {"name": "Carla", "email": "carla@customer.example.org"}
customer = env["res.partner"].create(partner)
lead = env["crm.lead"].create({"name": "Big deal", "partner_id": customer.id})
colleague = env["res.users"].create({
    "name": "Colin", "login": "colin", "email": "colin@acme.example.com",
    "notification_type": "email",
})
user = env.ref("base.user_admin")
if "track_emails" in user._fields:
    user.track_emails = False
lead = lead.with_user(user)
env.cr.commit()

def post(**values):
    lead.message_post(**{
        "body": "Hello", "message_type": "comment", "subtype_xmlid": "mail.mt_comment",
        "partner_ids": (customer + colleague.partner_id).ids, **values,
    })

def note():
    post(subtype_xmlid="mail.mt_note", partner_ids=[])

def compose():
    env["mail.compose.message"].with_user(user).with_context(
        default_model="crm.lead", default_res_ids=lead.ids,
        default_composition_mode="comment",
    ).create(
        {"subject": "x", "body": "x", "partner_ids": customer.ids}
    )._action_send_mail()

def queue():
    env["mail.mail"].create([
        {"subject": "x", "body_html": "<p>x</p>", "recipient_ids": customer.ids,
         "auto_delete": n % 2}
        for n in range(6)
    ])
    env.cr.commit()
    env["mail.mail"].process_email_queue()

counts = {}
for work in (post, note, compose, queue):
    for _round in range(2):  # the first round fills the caches
        env.invalidate_all()
        thread.query_count = 0
        work()
        env.cr.commit()
        counts[work.__name__] = thread.query_count
print(json.dumps(counts))
"""


def test_an_untracked_email_needs_no_more_queries():
    counts, sent = {}, {}
    for kind in (BASE, "addon"):
        with live_odoo(kind) as live:
            counts[kind] = json.loads(live.shell(COUNT_QUERIES).splitlines()[-1])
            sent[kind] = len(live.inbox.emails)
    assert counts["addon"] == counts[BASE]
    assert sent["addon"] == sent[BASE] > 0
    assert all(count > 5 for count in counts[BASE].values()), "queries are counted"


def test_the_subtype_has_its_public_name(odoo):
    module, name = SUBTYPE.split(".")
    assert odoo.call("ir.model.data", "check_object_reference", module, name)


HOLD_THE_SENDER = """
user = env.ref("base.user_admin")
user.login = "administrator"  # locks the row, also for references to it
env.flush_all()
customer = env["res.partner"].search([("name", "=", "Carla")], limit=1)
message = customer.with_user(user).message_post(
    body="Hello", partner_ids=customer.ids, is_tracked=True, force_send=True,
    subtype_xmlid="mail.mt_comment", message_type="comment", send_after_commit=False,
)
print(message.is_tracked, env["mail.mail"].search_count([("state", "=", "exception")]))
env.cr.rollback()
"""


def test_the_sending_transaction_never_waits_for_itself(odoo):
    """The addon commits records meanwhile, which refer to rows that this one locks."""
    send(odoo)
    odoo.inbox.emails.clear()
    assert odoo.shell(HOLD_THE_SENDER, timeout=60).split() == ["True", "0"]
    # the other email informs the user about the changed login
    assert [bool(mail.image_urls) for mail in odoo.inbox.emails].count(True) == 1


REFUSED_AND_RETRIED = """
customer = env["res.partner"].create({"name": "R", "email": "refused@x.example.org"})
env.cr.commit()
message = customer.message_post(
    body="Hello", partner_ids=customer.ids, is_tracked=True,
    subtype_xmlid="mail.mt_comment", message_type="comment",
)
env.cr.commit()
"""


def test_the_queue_retries_a_refused_email(odoo):
    """Two processes send the same trackable email."""
    sent = (
        "SELECT count(*), count(sent_date) FROM trackable_email"
        " WHERE email_to = 'refused@x.example.org'"
    )
    odoo.inbox.emails.clear()
    odoo.inbox.refuses = True
    odoo.shell(REFUSED_AND_RETRIED, check=False)
    odoo.inbox.refuses = False
    assert odoo.query(sent) == [(1, 0)]
    assert not odoo.inbox.emails
    odoo.shell(
        "env['mail.mail'].search([('state', '=', 'exception')]).mark_outgoing()\n"
        "env.cr.commit()\n"
        "env['mail.mail'].process_email_queue()\n"
    )
    assert odoo.query(sent) == [(1, 1)]
    (delivered,) = odoo.inbox.emails
    assert delivered.image_urls


def test_parallel_processes_process_each_hit_once(odoo):
    """Run two scripts and the cron job at the same time."""
    delivered, customer_id = send(odoo)
    workers = [odoo.shell_in_background(PROCESS) for _ in "ab"]
    for _time in range(80):
        odoo.get(delivered.image_urls[0])
    for worker in workers:
        assert worker.wait(60) == 0
    wait_until(lambda: odoo.query("SELECT count(*) FROM trackable_hit") == [(0,)], SOON)
    counts = (
        "SELECT raw_open_count, (SELECT count(*) FROM trackable_email_action a"
        " WHERE a.trackable_email_id = e.id)"
        f" FROM trackable_email e WHERE partner_id = {customer_id}"
    )
    assert odoo.query(counts) == [(80, 80)]
    assert len(entries(odoo, customer_id)) == 1
