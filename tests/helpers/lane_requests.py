"""A tracked email sent from a real database, and raw HTTP requests."""

import http.client
import json
import time
from urllib.parse import urlsplit

from odoo.addons.pipeline_tracking.tools import tracking_token

from ..common import BROWSER, path_of
from .odoo_server import wait_until

LANE = "--load=base,web,pipeline_tracking"
NO_CRON = "--max-cron-threads=0"
DESTINATION = "https://shop.example.net/p?a=1&b=%C3%A9&c=[x]|y&next=/?q=1#top?x"
FILE = b"%PDF-1.4 our offer"

SEND = """
import json
partner = env["res.partner"].create({"name": "Carla", "email": "carla@x.example.org"})
partner.message_post(
    body=Markup('<p><a href="%s">our prices</a>'
                '<a href="https://disabled.example.net/">disabled</a></p>'),
    partner_ids=partner.ids, message_type="comment", subtype_xmlid="mail.mt_comment",
    attachments=[("offer.pdf", %r), ("withdrawn.pdf", b"1"), ("disabled.pdf", b"2")],
    is_tracked=True,
)
env.cr.commit()
env["mail.mail"].process_email_queue()
trackable = env["trackable.email"].search([], limit=1)
keys = env["trackable.key"]._get_keys()
links = trackable.link_ids.grouped("label")
(links["disabled"] | links["disabled.pdf"]).action_disable()
links["withdrawn.pdf"].action_withdraw_file()
env.cr.commit()
link, file = links["our prices"], links["offer.pdf"]
print(json.dumps({"email": [trackable.id, trackable.nonce],
                  "link": [link.id, link.nonce], "file": [file.id, file.nonce],
                  "keys": {key: secret.decode() for key, secret in keys.items()}}))
"""

HITS = """
SELECT trackable_email_id, trackable_link_id, method, ip, user_agent, purpose, is_part,
       user_id, clock_timestamp() AT TIME ZONE 'UTC' - occurred_at < interval '1 minute'
  FROM trackable_hit ORDER BY id
"""


class Sent:
    """A tracked email with a working link and file, a disabled link, a disabled file
    and a withdrawn file.

    :ivar str image, link, file, disabled_link, disabled_file, withdrawn_file: the paths
        of its tracked URLs
    """

    def __init__(self, live, *options):
        """Send the email from a database, some minutes ago.

        :param options: options of Odoo's command line
        """
        live.inbox.emails.clear()
        script = "from markupsafe import Markup" + SEND % (
            DESTINATION.replace("&", "&amp;"),
            FILE,
        )
        printed = live.shell(script, *options)
        described = json.loads(printed.splitlines()[-1])
        self.email_id, self.email_nonce = described["email"]
        self.link_id, self.link_nonce = described["link"]
        self.file_id, self.file_nonce = described["file"]
        self.keys = {
            int(key): secret.encode() for key, secret in described["keys"].items()
        }
        wait_until(lambda: live.inbox.emails, 10)
        (delivered,) = live.inbox.emails
        live.send_earlier()
        self.image = path_of(delivered.image_urls[0])
        self.link = path_of(delivered.links["our prices"])
        self.file = path_of(delivered.links["offer.pdf"])
        self.disabled_link = path_of(delivered.links["disabled"])
        self.disabled_file = path_of(delivered.links["disabled.pdf"])
        self.withdrawn_file = path_of(delivered.links["withdrawn.pdf"])

    def sign(self, kind, gone=False, **changes):
        """Return the path of a token like those in the email, with some values changed.

        :param bool gone: use a nonce that this email does not have
        """
        values = {"email_id": self.email_id, "email_nonce": self.email_nonce ^ gone}
        if kind == tracking_token.LINK:
            values |= {"link_id": self.link_id, "link_nonce": self.link_nonce}
        key_id = max(self.keys)
        signed = tracking_token.Token(kind, **{**values, **changes})
        return "/t/" + tracking_token.sign(signed, key_id, self.keys[key_id])


def request(url, path, method="GET", **headers):
    """Send a request without adding headers, except Host and User-Agent.

    :param str url: URL of the server
    :param headers: values by name, with ``_`` for ``-``; None leaves out a header
    :return: status, reason, headers without those that vary, and body
    :rtype: tuple[int, str, dict[str, str], bytes]
    """
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    headers = {"User_Agent": BROWSER, **headers}
    connection.putrequest(
        method, path, skip_host="Host" in headers, skip_accept_encoding=True
    )
    for name, value in headers.items():
        if value is not None:
            connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    response = connection.getresponse()
    response_headers = {
        name: value
        for name, value in response.getheaders()
        if name not in ("Date", "Server", "Connection")
    }
    if "Allow" in response_headers:  # the order does not matter
        response_headers["Allow"] = sorted(response_headers["Allow"].split(", "))
    if "Set-Cookie" in response_headers:  # the value is new in each response
        name, *_value = response_headers["Set-Cookie"].partition("=")
        response_headers["Set-Cookie"] = name
    return response.status, response.reason, response_headers, response.read()


def hits(live):
    """Return the hits in the queue, and empty the queue.

    :rtype: list[tuple]
    """
    rows = live.query(HITS)
    live.query("DELETE FROM trackable_hit RETURNING id")
    return rows


def wait_for_hits(live, count, seconds=10):
    """Wait for a number of hits in the queue, and return the actual number."""
    deadline = time.monotonic() + seconds
    while True:
        [(hit_count,)] = live.query("SELECT count(*) FROM trackable_hit")
        if hit_count >= count or time.monotonic() > deadline:
            return hit_count
        time.sleep(0.05)
