"""Measure how fast `_process()` works off a backlog, with chatter entries.

A second measurement shows how long a hostile recipient delays another email.
"""

import json
import statistics

from tests.helpers.odoo_server import live_odoo
from tests.helpers.user_agents import CHROME

from . import say

EMAILS = 2000
OPENS = 7  # per email, minutes apart
CLICKS = 3  # per email, one per link
HITS = EMAILS * (OPENS + CLICKS)
ROUNDS = 3

# Each email goes to another contact. Half of the emails were sent from a lead. Each
# contact has a network: one network that opens the emails of many people is a scanner.
BACKLOG = f"""
import json, time
partners = env["res.partner"].create([
    {{"name": f"Customer {{n}}", "email": f"customer{{n}}@customer.example.net"}}
    for n in range({EMAILS})
])
leads = env["crm.lead"].create([
    {{"name": f"Deal {{n}}", "partner_id": partner.id}}
    for n, partner in enumerate(partners)
])
env.cr.execute('''
    WITH message AS (
        INSERT INTO mail_message (model, res_id, subject, body, message_type, date)
        SELECT CASE WHEN n %% 2 = 0 THEN 'res.partner' ELSE 'crm.lead' END,
               CASE WHEN n %% 2 = 0 THEN partner_id ELSE lead_id END,
               'Offer ' || partner_id, 'Offer', 'comment', now() - interval '2 days'
          FROM unnest(%s, %s) WITH ORDINALITY AS made(partner_id, lead_id, n)
     RETURNING id, model, res_id, subject, substr(subject, 7)::integer AS partner_id
    ), email AS (
        INSERT INTO trackable_email (nonce, recipient_key, mail_message_id, partner_id,
                                     email_to, subject, res_model, res_id, company_id,
                                     user_id, sent_date)
        SELECT 1, 'res.partner,' || partner_id, id, partner_id,
               partner_id || '@customer.example.net', subject, model, res_id, 1, 2,
               now() - interval '2 days'
          FROM message
     RETURNING id, mail_message_id
    ), link AS (
        INSERT INTO trackable_link (nonce, mail_message_id, url, label, is_file,
                                    user_id)
        SELECT 1, mail_message_id, 'https://shop.example.net/' || n, 'link ' || n,
               false, 2
          FROM email, generate_series(1, {CLICKS}) n
     RETURNING id, mail_message_id
    )
    INSERT INTO trackable_hit (trackable_email_id, trackable_link_id, occurred_at,
                               method, ip, user_agent, purpose)
    SELECT email.id, hit.link_id,
           now() - interval '1 day' + hit.n * interval '5 minutes',
           'GET', '2001:db8:' || to_hex(email.id %% 65536) || '::1', '{CHROME}', ''
      FROM email
      JOIN LATERAL (
           SELECT NULL::integer AS link_id, n FROM generate_series(1, {OPENS}) n
            UNION ALL
           SELECT id, {OPENS} + row_number() OVER (ORDER BY id) FROM link
            WHERE link.mail_message_id = email.mail_message_id
           ) hit ON true
     ORDER BY hit.n, email.id
''', [partners.ids, leads.ids])
made = env.cr.rowcount
env.cr.commit()
before = env["trackable.email.action"].search_count([])
start = time.perf_counter()
env["trackable.hit"]._process()
env.cr.commit()
seconds = time.perf_counter() - start
print(json.dumps({{
    "made": made, "seconds": seconds, "left": env["trackable.hit"].search_count([]),
    "actions": env["trackable.email.action"].search_count([]) - before,
}}))
"""


# A recipient requests the image and the links of an email, each time with another user
# agent. Then another recipient opens another email. The scheduled action runs as usual.
# A batch lasts from a commit to the next commit.
HOSTILE_HITS = 5000
HOSTILE = f"""
import json, random, string, time
partners = env["res.partner"].create([
    {{"name": name, "email": f"{{name}}@customer.example.net"}}
    for name in ("hostile", "other")
])
env.cr.execute('''
    INSERT INTO trackable_email (nonce, recipient_key, partner_id, email_to, subject,
                                 res_model, res_id, company_id, user_id, sent_date,
                                 link_count)
    SELECT 1, 'res.partner,' || id, id, email, 'Offer', 'res.partner', id, 1, 2,
           now() - interval '1 hour', 5
      FROM res_partner WHERE id = ANY(%s)
     ORDER BY id RETURNING id
''', [partners.ids])
hostile_id, other_id = (row[0] for row in env.cr.fetchall())
env.cr.execute('''
    INSERT INTO trackable_link (nonce, mail_message_id, url, label, is_file)
    SELECT 1, 0, 'https://shop.example.net/' || n, 'link ' || n, false
      FROM generate_series(1, 5) n
    RETURNING id
''')
urls = [None, *(row[0] for row in env.cr.fetchall())]
characters = string.ascii_letters + string.digits
chooser = random.Random(1)
env.cr.execute_values('''
    INSERT INTO trackable_hit (trackable_email_id, trackable_link_id, occurred_at,
                               method, ip, ip_subscriber, user_agent, purpose)
    VALUES %s''', [
    (
        hostile_id, urls[n % len(urls)], "2026-01-01 12:00:00", "GET",
        "198.18.0.1", "198.18.0.1", "".join(chooser.choices(characters, k=512)), "",
    )
    for n in range({HOSTILE_HITS})
])
env.cr.execute('''
    INSERT INTO trackable_hit (trackable_email_id, occurred_at, method, ip,
                               ip_subscriber, user_agent, purpose)
    VALUES (%s, '2026-01-01 12:00:00', 'GET', '198.18.0.2', '198.18.0.2', %s, '')
''', [other_id, "{CHROME}"])
env.cr.commit()

cron = env["trackable.hit"]._get_cron()
Hit = env.registry["trackable.hit"]
commit_progress = Hit._commit_progress
commits, other_seconds = [], None

def watch(self, processed):
    global other_seconds
    has_time = commit_progress(self, processed)
    commits.append(time.perf_counter())
    with env.registry.cursor() as cr:
        cr.execute("SELECT 1 FROM trackable_email_action WHERE trackable_email_id = %s",
                   [other_id])
        if cr.rowcount and other_seconds is None:
            other_seconds = commits[-1] - commits[0]
    return has_time

def count(table, where):
    env.cr.rollback()
    env.cr.execute(f"SELECT count(*) FROM {{table}} WHERE {{where}}")
    return env.cr.fetchone()[0]

Hit._commit_progress = watch
cpu = time.process_time()
while count("trackable_hit", "error IS NULL"):
    cron.method_direct_trigger()
    env.cr.commit()
Hit._commit_progress = commit_progress
env.cr.execute("SELECT sum(hit_count) FROM trackable_email_action"
               f" WHERE trackable_email_id = {{hostile_id}} AND reason != 'inferred'")
print(json.dumps({{
    "recorded": env.cr.fetchone()[0],
    "seconds": commits[-1] - commits[0],
    "cpu_seconds": time.process_time() - cpu,
    "longest_batch": max(end - start for start, end in zip(commits, commits[1:])),
    "other_seconds": other_seconds,
}}))
"""


def measure_hostile(live):
    """Process a hostile recipient's hits, then another recipient's hit.

    :return: ``hits_per_s``; ``longest_batch`` in seconds; ``other_seconds`` until the
        other hit was processed; ``cpu_seconds`` in total
    :rtype: dict[str, float]
    """
    printed = live.shell(HOSTILE, "--logfile=", timeout=600)
    result = json.loads(printed.splitlines()[-1])
    if result.pop("recorded") != HOSTILE_HITS:
        raise RuntimeError(f"hits were lost: {result}")
    return {"hits_per_s": HOSTILE_HITS / result.pop("seconds"), **result}


def measure(live):
    """Make a backlog and process it.

    :return: hits per second
    :rtype: float
    """
    printed = live.shell(BACKLOG, "--logfile=", timeout=600)
    result = json.loads(printed.splitlines()[-1])
    if (result["made"], result["left"], result["actions"]) != (HITS, 0, HITS):
        raise RuntimeError(f"the numbers of hits and actions are wrong: {result}")
    return HITS / result["seconds"]


def main(_folder):
    """Measure both.

    :rtype: dict
    """
    with live_odoo() as live:
        rates = []
        for number in range(1, ROUNDS + 1):
            rates.append(measure(live))
            say(f"  round {number}  {HITS:,} hits  {rates[-1]:>8.0f}/s")
        hostile = measure_hostile(live)
        say(
            f"  hostile  {HOSTILE_HITS:,} hits  {hostile['hits_per_s']:>8.0f}/s,"
            f" longest batch {hostile['longest_batch']:.2f} s,"
            f" other email after {hostile['other_seconds']:.2f} s"
        )
    return {
        "process": {
            "hits_per_s": statistics.median(rates),
            "rounds": rates,
            "hostile": hostile,
        }
    }
