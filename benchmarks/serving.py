"""Measure how many opens and clicks a second two Odoo workers answer, behind a proxy.

The benchmark compares this addon's fast lane, its controllers (without the lane),
Odoo's mass mailing, and OCA's mail_tracking, which tracks no clicks. `floor`, the lane
without storing, is the upper limit. Each database has more tokens than a round can
request, so that each open is a first open, as after a campaign.
"""

import contextlib
import json
import statistics
import time

from tests.helpers.odoo_server import ADDON, BASE, live_odoo

from . import ground, say
from .load import load

TOKENS = 5000
ROUNDS = 5
SECONDS = 3
WORKERS = "--workers=2"
OPTIONS = [WORKERS, "--max-cron-threads=0", "--proxy-mode", "--log-level=info"]
LANE = "--load=base,web,pipeline_tracking"
FLOOR = f"{LANE},lane_floor"
LINKS = 20

# Emails for the tokens: new emails, or a sample of existing emails.
MAKE = f"""
env.cr.execute('''
    INSERT INTO trackable_email (nonce, mail_message_id, recipient_key, email_to,
                                 subject, company_id, user_id, sent_date)
    SELECT random() * 10^9, %s, n, n || '@customer.example.net', 'Offer', 1, 2, now()
      FROM generate_series(1, {TOKENS}) n RETURNING id, nonce
''', [message.id])
"""
SAMPLE = f"""
env.cr.execute("SELECT id, nonce FROM trackable_email ORDER BY random() LIMIT {TOKENS}")
"""


def tokens(emails):
    """Return a script that prints the paths of tracked URLs.

    :param str emails: `MAKE` or `SAMPLE`
    :rtype: str
    """
    return f"""
import json
from odoo.addons.pipeline_tracking.tools import tracking_token
message = env["mail.message"].create({{"subject": "x"}})
{emails}
emails = env.cr.fetchall()
env.cr.execute('''
    INSERT INTO trackable_link (nonce, mail_message_id, url, label, is_file, user_id)
    SELECT random() * 10^9, %s, 'https://shop.example.net/p?a=' || n, n, false, 2
      FROM generate_series(1, {LINKS}) n RETURNING id, nonce
''', [message.id])
links = env.cr.fetchall()
env.cr.commit()
keys = env["trackable.key"]._get_keys()
key = max(keys), keys[max(keys)]
sign = lambda *values: "/t/" + tracking_token.sign(tracking_token.Token(*values), *key)
print(json.dumps({{
    "open": [sign("open", *email) + ".gif" for email in emails],
    "click": [sign("link", *email, *links[number % {LINKS}])
              for number, email in enumerate(emails)],
}}))
"""


ODOO = f"""
import json
mailing = env["mailing.mailing"].create({{
    "subject": "Offer", "mailing_model_id": env.ref("base.model_res_partner").id,
}})
partners = env["res.partner"].create([{{"name": str(n)}} for n in range({TOKENS})])
traces = env["mailing.trace"].create([{{
    "mass_mailing_id": mailing.id, "model": "res.partner", "res_id": partner.id,
    "email": f"{{partner.id}}@customer.example.net", "mail_mail_id_int": partner.id,
    "trace_status": "sent",
}} for partner in partners])
codes = [
    env["link.tracker"].search_or_create([{{
        "url": f"https://shop.example.net/p?a={{n}}", "mass_mailing_id": mailing.id,
        "campaign_id": mailing.campaign_id.id,
    }}]).code for n in range({LINKS})
]
env.cr.commit()
hmac = env["mail.mail"]._generate_mail_recipient_token
print(json.dumps({{
    "open": [f"/mail/track/{{mail_id}}/{{hmac(mail_id)}}/blank.gif"
             for mail_id in traces.mapped("mail_mail_id_int")],
    "click": [f"/r/{{codes[n % {LINKS}]}}/m/{{trace.id}}"
              for n, trace in enumerate(traces)],
}}))
"""

OCA = f"""
import json
partners = env["res.partner"].create([
    {{"name": str(n), "email": f"{{n}}@customer.example.net"}} for n in range({TOKENS})
])
trackings = env["mail.tracking.email"].sudo().create([{{
    "name": "Offer", "recipient": partner.email, "partner_id": partner.id,
    "sender": "admin@acme.example.com", "state": "sent",
}} for partner in partners])
env.cr.commit()
database = env.cr.dbname
print(json.dumps({{
    "open": [
        f"/mail/tracking/open/{{database}}/{{email.id}}/{{email.token}}/blank.gif"
        for email in trackings
    ],
}}))
"""

# Make each round's opens first opens again.
RESET = {
    "odoo": "UPDATE mailing_trace SET trace_status = 'sent', open_datetime = NULL,"
    " links_click_datetime = NULL RETURNING 1",
    "oca": "UPDATE mail_tracking_email SET state = 'sent' RETURNING 1",
}


class Contestant:
    """A server and its requests.

    :param LiveOdoo live: the database
    :param dict paths: the file of paths by kind
    :param options: of the server
    :param bool is_ours: whether the addon's hits are counted
    """

    def __init__(self, name, live, paths, *options, is_ours=False):
        self.name = name
        self.is_ours = is_ours
        self.live = live
        self.paths = paths
        self.options = [*OPTIONS, *options]
        self.results = {}

    def ask(self, kind, number):
        """Put load on the server for a round.

        :param str kind: "open" or "click"
        :param int number: of the round
        :return: requests per second
        """
        if reset := RESET.get(self.name):
            self.live.query(reset)
        offset = number * TOKENS // ROUNDS
        measured = load(self.url, self.paths[kind], SECONDS, offset)
        if self.is_ours:
            measured["recorded"] = _recorded(self.live, measured["sent"])
        self.results.setdefault(kind, []).append(measured)
        return measured["per_second"]

    def median(self, kind, figure):
        return statistics.median(result[figure] for result in self.results[kind])

    def total(self, kind, figure):
        return sum(result[figure] for result in self.results[kind])


def _recorded(live, sent):
    """Count the stored hits, after waiting for the last ones."""
    deadline = time.monotonic() + 10
    while True:
        [(count,)] = live.query("SELECT count(*) FROM trackable_hit")
        if count == sent or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    live.query("DELETE FROM trackable_hit RETURNING 1")
    return count


@contextlib.contextmanager
def databases(folder):
    """Fill the three databases.

    :return: the database and the files of paths, by the contestant's name
    """
    with live_odoo(ADDON) as ours, live_odoo(BASE) as odoo, live_odoo(BASE) as oca:
        ground.install_oca(oca)
        made = {}
        for name, live, script in (
            ("ours", ours, tokens(MAKE)),
            ("odoo", odoo, ODOO),
            ("oca", oca, OCA),
        ):
            say(f"  {TOKENS:,} tokens of {name}")
            made[name] = live, fill(live, script, folder, name)
        yield made


def fill(live, script, folder, name):
    """Run a script that prints paths by kind.

    :return: the file of paths by kind
    """
    files = {}
    printed = live.shell(script, "--logfile=", timeout=600)
    for kind, paths in json.loads(printed.splitlines()[-1]).items():
        files[kind] = folder / f"{name}-{kind}.txt"
        files[kind].write_text("\n".join(paths))
    with ground.databases.connect(live.name) as connection:
        connection.cursor().execute("VACUUM ANALYZE")
    return files


def compete(contestants, kinds, rounds=ROUNDS):
    """Start the contestants' servers, and put load on them in turns."""
    with contextlib.ExitStack() as stack:
        for contestant in contestants:
            stack.enter_context(contestant.live.server(*contestant.options))
            contestant.url = contestant.live.url
        for number in range(-1, rounds):
            for kind in kinds:
                for contestant in contestants:
                    if kind in contestant.paths:
                        rate = contestant.ask(kind, number)
                        label = f"round {number + 1}" if number >= 0 else "warm-up"
                        say(f"  {label} {kind:<6}{contestant.name:<11}{rate:>8.0f}/s")
        for contestant in contestants:
            for results in contestant.results.values():
                del results[0]


def main(folder):
    """Compare all contestants, without and with a database filter.

    :param Path folder: for temporary files
    :rtype: dict
    """
    figures = {"latency_ms": {}}
    with databases(folder) as made:
        for suffix in ("", "_dbfilter"):
            say(f"{'with' if suffix else 'without'} a database filter")
            contestants = _contestants(made, is_filtered=bool(suffix))
            compete(contestants, ("open", "click"))
            for kind in ("open", "click"):
                figures[kind + suffix] = _summarise(contestants, kind)
                figures["latency_ms"][kind + suffix] = {
                    contestant.name: {
                        "p50": contestant.median(kind, "p50"),
                        "p99": contestant.median(kind, "p99"),
                    }
                    for contestant in contestants
                    if kind in contestant.results
                }
    return figures


def _contestants(made, is_filtered):
    def options(live):
        return f"--db-filter={f'^{live.name}$' if is_filtered else ''}"

    ours, our_paths = made["ours"]
    return [
        Contestant("lane", ours, our_paths, LANE, options(ours), is_ours=True),
        Contestant("controller", ours, our_paths, options(ours), is_ours=True),
        Contestant("floor", ours, our_paths, FLOOR, options(ours)),
        *(
            Contestant(name, live, paths, options(live))
            for name, (live, paths) in made.items()
            if name != "ours"
        ),
    ]


def _summarise(contestants, kind):
    recorders = [c for c in contestants if c.is_ours]
    return {
        **{
            contestant.name: contestant.median(kind, "per_second")
            for contestant in contestants
            if kind in contestant.results
        },
        **{
            figure: sum(c.total(kind, figure) for c in recorders)
            for figure in ("sent", "recorded")
        },
        "rounds": {
            c.name: [result["per_second"] for result in c.results[kind]]
            for c in contestants
            if kind in c.results
        },
    }
