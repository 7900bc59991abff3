"""Measure how much the addon slows down a contact's form.

The benchmark sends the web client's requests for the form to a database with the addon
and to a database without it.
"""

import contextlib
import json
import re
import statistics
import time

import requests

from tests.helpers.odoo_server import BASE, live_odoo
from tests.helpers.user_agents import CHROME

from . import say
from .serving import LANE

EMAILS = 20  # in the contact's chatter
FORMS = 60  # how often the form is opened
SHOWN = 30  # messages that the chatter loads

# Send emails to a contact. With the addon, each email was opened and has a chatter
# entry. Without the addon, a note takes the place of the entry.
CONTACT = f"""
import json
from markupsafe import Markup
partner = env["res.partner"].create(
    {{"name": "Carla", "email": "carla@customer.example.net"}}
)
has_addon = "trackable.email" in env
for number in range({EMAILS}):
    partner.message_post(
        body=Markup('<p>Our <a href="https://shop.example.net/">offer</a></p>'),
        subject=f"Offer {{number}}", partner_ids=partner.ids, message_type="comment",
        subtype_xmlid="mail.mt_comment",
        **({{"is_tracked": True}} if has_addon else {{}}),
    )
    env.cr.commit()
    if not has_addon:
        partner._message_log(body="Opened")
if has_addon:
    env.cr.execute('''
        INSERT INTO trackable_hit (trackable_email_id, occurred_at, method, ip,
                                   user_agent, purpose)
        SELECT id, now(), 'GET', '198.18.0.1', '{CHROME}', ''
          FROM trackable_email WHERE partner_id = %s
    ''', [partner.id])
    env["trackable.hit"]._process()
env.cr.commit()
messages = env["mail.message"].search_count(
    [("model", "=", "res.partner"), ("res_id", "=", partner.id)]
)
view = env["res.partner"].with_user(2).get_views([(False, "form")])
fields = view["models"]["res.partner"]["fields"]
print(json.dumps({{"id": partner.id, "messages": messages, "fields": list(fields)}}))
"""
LINE = re.compile(r'"POST ([^ #]+)\S* HTTP/1\.1" 200 - (\d+) ')


class Client:
    """The administrator's web client.

    :param LiveOdoo live: a database with a running server
    :param Path log: of the server
    :param dict contact: the output of `CONTACT`
    """

    def __init__(self, live, log, contact):
        self.url = live.url
        self.log = log
        thread = {"thread_model": "res.partner", "thread_id": contact["id"]}
        self.requests = [
            (
                "/web/dataset/call_kw/res.partner/web_read",
                {
                    "model": "res.partner",
                    "method": "web_read",
                    "args": [[contact["id"]], {name: {} for name in contact["fields"]}],
                    "kwargs": {},
                },
            ),
            (
                "/mail/data",
                {
                    "fetch_params": [
                        [
                            "mail.thread",
                            {
                                **thread,
                                "request_list": [
                                    "activities",
                                    "attachments",
                                    "followers",
                                ],
                            },
                        ]
                    ]
                },
            ),
            ("/mail/thread/messages", {**thread, "fetch_params": {"limit": SHOWN}}),
        ]
        self.session = requests.Session()
        login = {"db": live.name, "login": "admin", "password": "admin"}
        self.post("/web/session/authenticate", login)

    def post(self, path, params):
        response = self.session.post(
            self.url + path, json={"params": params}, timeout=60
        )
        result = response.json()
        if "error" in result:
            raise RuntimeError(f"{path}: {result['error']}")
        return result["result"]

    def open_form(self):
        """Open the form; return the seconds."""
        start = time.perf_counter()
        for path, params in self.requests:
            result = self.post(path, params)
        seconds = time.perf_counter() - start
        if len(result["messages"]) != SHOWN:
            raise RuntimeError(f"{len(result['messages'])} messages")
        return seconds

    def count_queries(self):
        """Count the queries of the last opened form in the server's log.

        :rtype: int
        """
        logged = LINE.findall(self.log.read_text())[-len(self.requests) :]
        if [path for path, _count in logged] != [path for path, _ in self.requests]:
            raise RuntimeError(f"the log has other requests: {logged}")
        return sum(int(count) for _path, count in logged)


def measure(folder, full):
    """Compare the form with the addon to the form without it.

    :param LiveOdoo full: a database with the addon
    :return: the milliseconds (``chatter_ms``) and the queries (``chatter_queries``)
        that the addon adds
    :rtype: dict
    """
    with live_odoo(BASE) as base, contextlib.ExitStack() as stack:
        clients = {}
        for name, live in (("with", full), ("without", base)):
            contact = _make_contact(live)
            log = folder / f"chatter-{name}.log"
            options = [f"--logfile={log}", "--log-level=info", "--max-cron-threads=0"]
            options += [LANE] if live is full else []
            stack.enter_context(live.server(*options))
            clients[name] = Client(live, log, contact)
        seconds = {name: [] for name in clients}
        for _time in range(FORMS):
            for name, client in clients.items():
                seconds[name].append(client.open_form())
        for name, measured in seconds.items():
            queries = clients[name].count_queries()
            milliseconds = statistics.median(measured[5:]) * 1e3
            say(f"  form {name:<8} {milliseconds:>8.2f} ms {queries:>4} queries")
        medians = {name: statistics.median(seconds[name][5:]) for name in clients}
        return {
            "chatter_ms": (medians["with"] - medians["without"]) * 1e3,
            "chatter_queries": clients["with"].count_queries()
            - clients["without"].count_queries(),
        }


def _make_contact(live):
    contact = json.loads(live.shell(CONTACT, "--logfile=").splitlines()[-1])
    if contact["messages"] < 2 * EMAILS:
        raise RuntimeError(f"the contact has too few messages: {contact}")
    return contact
