"""Measure how long sending an email takes, over SMTP to a server on this machine.

`campaign` sends a mailing with Odoo alone, with this addon and with OCA's addons. The
other two send tracked and untracked emails to single customers. `individual` measures
the mail queue, which sends many emails at once. `posted` measures the salesperson's
wait, from posting in the chatter until the SMTP server has the email.
"""

import contextlib
import json
import statistics

from tests.helpers.odoo_server import ADDON, BASE, live_odoo

from . import ground, say

RECIPIENTS = 500
LINKS = 20
EMAILS = 60  # to single customers, per kind and round
BATCHES = 3  # of the mail queue, per kind and round
ROUNDS = 5

CAMPAIGN = """
import json, time
contacts = env["mailing.contact"].create([
    {"name": f"Customer {n}", "email": f"customer{n}@customer.example.net"}
    for n in range(RECIPIENTS)
])
mailing_list = env["mailing.list"].create(
    {"name": "Customers", "contact_ids": [(6, 0, contacts.ids)]}
)
links = "".join(
    f'<p><a href="https://shop.example.net/product/{n}?a=1&amp;b=2">Product {n}'
    '</a></p>'
    for n in range(LINKS)
)
mailing = env["mailing.mailing"].create({
    "subject": "Offer",
    "mailing_model_id": env.ref("mass_mailing.model_mailing_list").id,
    "contact_list_ids": [(6, 0, mailing_list.ids)], "keep_archives": True,
    "body_html": f"<div><h1>Our offer</h1>{links}</div>",
    "email_from": "admin@acme.example.com", "reply_to": "admin@acme.example.com",
})
env.cr.commit()
env.invalidate_all()
def memory(name):
    return int(open("/proc/self/status").read().split(name + ":")[1].split()[0]) / 1024
open("/proc/self/clear_refs", "w").write("5")  # the peak from here on
before = memory("VmRSS")
start = time.perf_counter()
mailing.action_send_mail()
env.cr.commit()
waiting = [("state", "=", "outgoing")]
while env["mail.mail"].search_count(waiting, limit=1):
    env["mail.mail"].process_email_queue()
    env.cr.commit()
seconds = time.perf_counter() - start
sent = env["mailing.trace"].search_count(
    [("mass_mailing_id", "=", mailing.id), ("trace_status", "=", "sent")]
)
print(json.dumps({
    "seconds": seconds / RECIPIENTS, "sent": sent,
    "mebibytes": memory("VmHWM") - before,
}))
"""

INDIVIDUAL = f"""
import json, time
from markupsafe import Markup
partners = env["res.partner"].create([
    {{"name": f"Customer {{n}}", "email": f"customer{{n}}@customer.example.net"}}
    for n in range({EMAILS})
])
env.cr.commit()
body = Markup('<p>Hello,</p>' + ''.join(
    f'<p>Our <a href="https://shop.example.net/product/{{n}}?a=1">product {{n}}</a></p>'
    for n in range(3)
))
def post(partner, kind, **values):
    partner.message_post(
        body=body, subject="Offer", partner_ids=partner.ids, message_type="comment",
        subtype_xmlid="mail.mt_comment", is_tracked=kind == "ours", **values,
    )
    env.cr.commit()  # sends the email, unless force_send is off

seconds = {{"individual": {{}}, "posted": {{"untracked": [], "ours": []}}}}
for partner in partners:
    for kind, measured in seconds["posted"].items():
        start = time.perf_counter()
        post(partner, kind)
        measured.append(time.perf_counter() - start)
for number in range({BATCHES}):
    for kind in ("untracked", "ours"):
        for partner in partners:
            post(partner, kind, force_send=False)
        start = time.perf_counter()
        env["mail.mail"].process_email_queue(batch_size={EMAILS})
        taken = (time.perf_counter() - start) / {EMAILS}
        seconds["individual"].setdefault(kind, []).append(taken)
sent = env["mail.message"].search_count([
    ("model", "=", "res.partner"), ("res_id", "in", partners.ids),
    ("notification_ids.notification_status", "=", "sent"),
])
tracked = env["trackable.email"].search_count([("partner_id", "in", partners.ids)])
print(json.dumps({{"sent": sent, "tracked": tracked, **seconds}}))
"""


def main(_folder):
    """Send all kinds of emails.

    :rtype: dict
    """
    with contextlib.ExitStack() as stack:
        sites = {
            "odoo": stack.enter_context(live_odoo(BASE)),
            "ours": stack.enter_context(live_odoo(ADDON)),
            "oca": stack.enter_context(live_odoo(BASE)),
        }
        ground.install_oca(sites["oca"])
        campaign = {name: [] for name in sites}
        individual = {
            kind: {"untracked": [], "ours": []} for kind in ("individual", "posted")
        }
        for number in range(1, ROUNDS + 1):
            for name, live in sites.items():
                campaign[name].append(send_campaign(live, RECIPIENTS)["seconds"])
                _say(number, "campaign", name, campaign[name][-1] * 1e3)
            for kind, measured in _send_individually(sites["ours"]).items():
                for name, seconds in measured.items():
                    individual[kind][name] += seconds
                    _say(number, kind, name, statistics.median(seconds) * 1e3)
    measured = {"campaign": campaign, **individual}
    return {
        "send": {
            kind: {name: statistics.median(rounds) for name, rounds in by_name.items()}
            for kind, by_name in measured.items()
        }
    }


def _say(number, kind, name, milliseconds):
    say(f"  round {number}  {kind:<10} {name:<10}{milliseconds:>8.2f} ms an email")


def _run(live, script):
    live.inbox.emails.clear()
    printed = live.shell(script, "--logfile=", timeout=3600)
    return json.loads(printed.splitlines()[-1]), len(live.inbox.emails)


def send_campaign(live, recipients):
    """Send a mailing, and check that all of it arrived.

    :return: the ``seconds`` per email, and the growth of the process in ``mebibytes``
    :rtype: dict
    """
    numbers = f"RECIPIENTS, LINKS = {recipients}, {LINKS}"
    result, arrived = _run(live, numbers + CAMPAIGN)
    if (result["sent"], arrived) != (recipients, recipients):
        raise RuntimeError(f"some emails were lost: {result}, {arrived} arrived")
    return result


def _send_individually(live):
    """Send emails to single customers.

    :return: the seconds of each email, by way of sending and by kind
    :rtype: dict[str, dict[str, list[float]]]
    """
    result, arrived = _run(live, INDIVIDUAL)
    counts = arrived, result.pop("sent"), result.pop("tracked")
    each = EMAILS * (1 + BATCHES)
    if counts != (2 * each, 2 * each, each):
        raise RuntimeError(f"some emails were lost or untracked: {counts}")
    return result
