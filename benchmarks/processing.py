"""What `_process()` makes of a backlog: hits per second, chatter included."""

import json
import statistics

from tests.live import live_odoo
from tests.user_agents import CHROME

from . import say

EMAILS = 2000
OPENS = 7  # of each email, minutes apart
CLICKS = 3  # of each email, one on each of its links
HITS = EMAILS * (OPENS + CLICKS)
ROUNDS = 3

# Each email is to a contact of its own; every second one was sent from a lead.
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
           'GET', '198.18.0.1', '{CHROME}', ''
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


def measure(live):
    """A backlog, made and processed.

    :return: hits per second
    :rtype: float
    """
    printed = live.shell(BACKLOG, "--logfile=", timeout=600)
    result = json.loads(printed.splitlines()[-1])
    if (result["made"], result["left"], result["actions"]) != (HITS, 0, HITS):
        raise RuntimeError(f"not what it should be: {result}")
    return HITS / result["seconds"]


def main(_folder):
    """
    :rtype: dict
    """
    with live_odoo() as live:
        rates = []
        for number in range(1, ROUNDS + 1):
            rates.append(measure(live))
            say(f"  round {number}  {HITS:,} hits  {rates[-1]:>8.0f}/s")
    return {"process": {"hits_per_s": statistics.median(rates), "rounds": rates}}
