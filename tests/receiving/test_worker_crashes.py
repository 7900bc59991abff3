"""No hit is lost or counted twice if workers are killed or run concurrently.

The tests start real processes on a real PostgreSQL.
"""

import threading

import pytest

from ..helpers.odoo_server import live_odoo, wait_until
from ..helpers.user_agents import CHROME

EMAILS = 320  # their hits fill more than two batches
OPENS = 30  # per email, a minute apart
LINKS = 2  # per email, each clicked once, a minute apart
HITS = EMAILS * (OPENS + LINKS)
SECONDS = 60  # limit for processing all hits, on a slow machine

# Insert sent emails with links, and hits on them.
FILL = f"""
partner = env["res.partner"].create({{"name": "Carla", "email": "carla@x.example.org"}})
lead = env["crm.lead"].create({{"name": "Big deal", "partner_id": partner.id}})
env.cr.execute('''
    INSERT INTO trackable_email (nonce, recipient_key, mail_message_id, partner_id,
                                 email_to, subject, res_model, res_id, company_id,
                                 user_id, sent_date)
    SELECT 1, 'res.partner,' || %s, 1000000 + n, %s, 'carla@x.example.org',
           'Email ' || n, 'crm.lead', %s, 1, 2, now() - interval '30 days'
      FROM generate_series(1, {EMAILS}) n
''', [partner.id, partner.id, lead.id])
env.cr.execute('''
    INSERT INTO trackable_link (nonce, mail_message_id, url, label, is_file, user_id)
    SELECT 1, mail_message_id, 'https://x.com/' || n, 'link ' || n, false, 2
      FROM trackable_email, generate_series(1, {LINKS}) n
     WHERE mail_message_id > 1000000
''')
env.cr.execute('''
    INSERT INTO trackable_hit (trackable_email_id, trackable_link_id, occurred_at,
                               method, ip, user_agent, purpose)
    SELECT email.id, link_id, timestamp '2026-06-01 08:00' + n * interval '1 minute',
           'GET', '192.0.2.1', '{CHROME}', ''
      FROM trackable_email email
      JOIN LATERAL (
           SELECT NULL::integer AS link_id, n FROM generate_series(1, {OPENS}) n
            UNION ALL
           SELECT id, {OPENS} + row_number() OVER (ORDER BY id) FROM trackable_link link
            WHERE link.mail_message_id = email.mail_message_id
           ) hit ON true
     WHERE email.mail_message_id > 1000000
     ORDER BY email.id, n
''')
env.cr.commit()
"""

COUNTS = """
WITH email AS (SELECT * FROM trackable_email WHERE mail_message_id > 1000000),
     action AS (SELECT action.* FROM trackable_email_action action
                  JOIN email ON email.id = action.trackable_email_id)
SELECT (SELECT count(*) FROM trackable_hit),
       count(*), sum(open_count), sum(click_count), sum(raw_open_count),
       (SELECT count(*) FROM action),
       (SELECT count(DISTINCT (trackable_email_id, occurred_at)) FROM action)
  FROM email
"""
PROCESSED = [
    (0, EMAILS, EMAILS * OPENS, EMAILS * LINKS, EMAILS * OPENS, HITS, HITS),
]
UNTOUCHED = [(HITS, EMAILS, None, None, None, 0, 0)]
# The chatter entries, as users who may read the email's record see them.
ENTRIES = """
SELECT entry.res_model, count(*),
       count(DISTINCT COALESCE(entry.details, message.body))
  FROM trackable_email_entry entry
  JOIN mail_message message ON message.id = entry.mail_message_id
  JOIN trackable_email email ON email.id = entry.trackable_email_id
 WHERE email.mail_message_id > 1000000
 GROUP BY entry.res_model ORDER BY entry.res_model
"""
# Each entry has another subject.
SHOWN = [("crm.lead", EMAILS, EMAILS), ("res.partner", EMAILS, EMAILS)]
LINES = f"""
SELECT count(*) FROM trackable_email_entry entry
  JOIN mail_message message ON message.id = entry.mail_message_id
 WHERE COALESCE(entry.details, message.body) LIKE '% {OPENS}×,%'
   AND COALESCE(entry.details, message.body) LIKE '%clicked “link 1”%'
   AND COALESCE(entry.details, message.body) LIKE '%“link 2”%'
"""

# Kill the process just before a batch ends: all its rows are written.
KILLED_IN_THE_MIDDLE = """
import os, signal
Hit = env.registry["trackable.hit"]
unlink = Hit.unlink
def die(hits):
    env.flush_all()
    env.cr.execute("SELECT count(*) FROM trackable_email_action")
    assert env.cr.fetchone()[0] > 0
    os.kill(os.getpid(), signal.SIGKILL)
Hit.unlink = die
env["trackable.hit"]._process()
"""
PROCESS = "env['trackable.hit']._process(); env.cr.commit()"
# Retry transactions after concurrency errors, as Odoo does for requests.
PROCESS_OFTEN = """
import time
from odoo.service.model import retrying
until = time.monotonic() + 15
while time.monotonic() < until:
    retrying(env["trackable.hit"]._process, env)
    env.cr.commit()
    time.sleep(0.05)
"""


@pytest.fixture
def odoo():
    with live_odoo() as live:
        live.shell(FILL)
        assert live.query(COUNTS) == UNTOUCHED
        yield live


def assert_processed(odoo):
    assert odoo.query(COUNTS) == PROCESSED
    assert odoo.query(ENTRIES) == SHOWN
    assert odoo.query(LINES) == [(EMAILS * 2,)]


def test_process_killed_during_a_batch(odoo):
    odoo.shell(KILLED_IN_THE_MIDDLE, check=False)
    assert odoo.query(COUNTS) == UNTOUCHED
    assert odoo.query(ENTRIES) == []
    odoo.shell(PROCESS)
    assert_processed(odoo)


def test_server_killed_repeatedly(odoo):
    """Kill the server each time after its job has committed a batch."""
    odoo.shell(
        "env['ir.cron'].search([]).filtered("
        "lambda cron: 'opens and clicks' not in cron.name).active = False;"
        " env.cr.commit()"
    )
    delivered = send(odoo)
    count_hits = "SELECT count(*) FROM trackable_hit"
    kills = 0
    before = HITS
    while odoo.query(count_hits) != [(0,)]:
        with odoo.server():
            odoo.get(delivered.image_urls[0])  # wake the job
            wait_until(
                lambda before=before: odoo.query(count_hits) < [(before,)], SECONDS
            )
            odoo.process.kill()
            odoo.process.wait(30)
        kills += 1
        ((before,),) = odoo.query(count_hits)
    assert kills > 1, "the hits filled only one batch"
    assert_processed(odoo)


def test_concurrent_workers(odoo):
    """Run three workers and the cron job while hits arrive over HTTP."""
    delivered = send(odoo)
    with odoo.server("--max-cron-threads=2"):
        workers = [odoo.shell_in_background(PROCESS_OFTEN) for _ in range(3)]
        requests = [
            threading.Thread(
                target=lambda: [odoo.get(delivered.image_urls[0]) for _ in range(40)]
            )
            for _ in range(2)
        ]
        for thread in requests:
            thread.start()
        for thread in requests:
            thread.join()
        assert [worker.wait(90) for worker in workers] == [0, 0, 0]
        wait_until(
            lambda: odoo.query("SELECT count(*) FROM trackable_hit") == [(0,)], 90
        )
    assert odoo.query(
        "SELECT raw_open_count, (SELECT count(*) FROM trackable_email_action action"
        "  WHERE action.trackable_email_id = email.id)"
        "  FROM trackable_email email WHERE mail_message_id < 1000000"
    ) == [(80, 80)]
    assert odoo.query(COUNTS) == PROCESSED


def send(odoo):
    """Send a tracked email, and return the delivered copy."""
    odoo.inbox.emails.clear()
    odoo.shell(
        """
customer = env["res.partner"].create({"name": "S", "email": "s@x.example.org"})
env.cr.commit()
customer.message_post(
    body="Hello", partner_ids=customer.ids, is_tracked=True, message_type="comment",
    subtype_xmlid="mail.mt_comment",
)
env.cr.commit()
"""
    )
    wait_until(lambda: odoo.inbox.emails, 5)
    (delivered,) = odoo.inbox.emails
    return delivered
