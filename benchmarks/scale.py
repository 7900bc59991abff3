"""Compare a large database to an empty one: processing, fast lane, screens.

The large database has a million trackable emails and five million actions.
"""

import statistics

from tests.helpers.odoo_server import live_odoo
from tests.helpers.user_agents import CHROME

from . import chatter, feedback, ground, processing, say, serving
from .serving import Contestant

PARTNERS = 10_000
SALESPEOPLE = 50
EMAILS = 1_000_000
ACTIONS = 5  # per email
ROUNDS = 3

# Emails of two years, from the salespeople and to the contacts in turn. Each was opened
# four times and clicked.
EMAIL_ROWS = f"""
partners = env["res.partner"].create([
    {{"name": f"Known {{n}}", "email": f"known{{n}}@customer.example.net"}}
    for n in range({PARTNERS})
])
users = env["res.users"].with_context(no_reset_password=True).create([
    {{"name": f"Seller {{n}}", "login": f"seller{{n}}"}} for n in range({SALESPEOPLE})
])
env.cr.execute('''
    INSERT INTO trackable_email (nonce, recipient_key, mail_message_id, partner_id,
                                 email_to, subject, res_model, res_id, company_id,
                                 user_id, sent_date, open_count, click_count,
                                 raw_open_count, raw_click_count, first_open_date,
                                 last_open_date, last_action_date,
                                 last_activity_date)
    SELECT n, 'res.partner,' || partner_id, 100000000 + n, partner_id,
           'known' || partner_id || '@customer.example.net', 'Offer ' || n,
           'res.partner', partner_id, 1, user_id, date,
           {ACTIONS - 1}, 1, {ACTIONS - 1}, 1, date, date, date, date
      FROM (SELECT n, (%s::integer[])[1 + n %% {PARTNERS}] AS partner_id,
                   (%s::integer[])[1 + n %% {SALESPEOPLE}] AS user_id,
                   now() - interval '30 days' - n * interval '1 minute' AS date
              FROM generate_series(1, {EMAILS}) n) made
''', [partners.ids, users.ids])
env.cr.commit()
"""
ACTION_ROWS = f"""
env.cr.execute('''
    INSERT INTO trackable_email_action (trackable_email_id, kind, actor, reason,
                                        occurred_at, user_agent, browser, platform,
                                        is_counted)
    SELECT id, CASE WHEN n < {ACTIONS} THEN 'open' ELSE 'click' END, 'recipient',
           'direct', sent_date + n * interval '7 minutes',
           '{CHROME}', 'chrome', 'windows', TRUE
      FROM trackable_email, generate_series(1, {ACTIONS}) n
''')
env.cr.commit()
"""
COUNTS = """
SELECT (SELECT count(*) FROM trackable_email), count(*) FROM trackable_email_action
"""


def main(folder):
    """Fill a database and measure.

    :param Path folder: for temporary files
    :rtype: dict
    """
    with live_odoo() as empty, live_odoo() as full:
        for live, rows in ((full, EMAIL_ROWS), (full, ACTION_ROWS)):
            live.shell(rows, "--logfile=", timeout=3600)
        with ground.databases.connect(full.name) as connection:
            connection.cursor().execute("VACUUM ANALYZE")
        [(emails, actions)] = full.query(COUNTS)
        say(f"  {emails:,} trackable emails, {actions:,} actions")
        figures = {
            "emails": emails,
            "actions": actions,
            "lane_ratio": _compare_lanes(folder, empty, full),
            "process_ratio": _compare_processing(empty, full),
            **chatter.measure(folder, full),
            **feedback.measure(full),
        }
    return {"scale": figures}


def _compare_processing(empty, full):
    """Return the hits per second in the full database, divided by the empty one's."""
    rates = {empty: [], full: []}
    for number in range(1, ROUNDS + 1):
        for live, measured in rates.items():
            measured.append(processing.measure(live))
            label = "full" if live is full else "empty"
            say(f"  round {number}  process {label:<6}{measured[-1]:>8.0f}/s")
    return statistics.median(rates[full]) / statistics.median(rates[empty])


def _compare_lanes(folder, empty, full):
    """Return the opens per second in the full database, divided by the empty one's.

    The tokens belong to random emails of the whole table.
    """
    contestants = [
        Contestant(
            name,
            live,
            serving.fill(live, script, folder, name),
            serving.LANE,
            is_ours=True,
        )
        for name, live, script in (
            ("empty", empty, serving.tokens(serving.MAKE)),
            ("full", full, serving.tokens(serving.SAMPLE)),
        )
    ]
    serving.compete(contestants, ["open"])
    of_empty, of_full = (c.median("open", "per_second") for c in contestants)
    return of_full / of_empty
