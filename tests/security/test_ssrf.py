"""The server never requests the destinations of a tracked email."""

import contextlib
import socket
import threading

import pytest
import requests

from ..common import BROWSER
from ..helpers.lane_requests import LANE
from ..helpers.odoo_server import live_odoo, wait_until
from ..helpers.user_agents import BARRACUDA

SEND = """
partner = env["res.partner"].create({"name": "Carla", "email": "carla@x.example.org"})
partner.message_post(
    body=Markup('<p><a href="URL">our prices</a> <a href="URLother">URLother</a>'
                '<img src="URLpicture.png"></p>'),
    subject="Offer", partner_ids=partner.ids, message_type="comment",
    subtype_xmlid="mail.mt_comment", is_tracked=True,
)
mailing = env["mailing.mailing"].create({
    "subject": "News", "body_html": '<p><a href="URLnews">news</a></p>',
    "mailing_model_id": env.ref("base.model_res_partner").id,
    "mailing_domain": [("id", "=", partner.id)],
})
env.cr.commit()
mailing.action_send_mail()
env["mail.mail"].process_email_queue()
env.cr.commit()
"""
# Read the tracking as users do: lists, forms, reports, statistics of mailings.
READ = """
env["trackable.hit"]._process()
env.cr.commit()
for model in ("trackable.email", "trackable.email.action", "trackable.link",
              "trackable.email.report", "trackable.link.report", "mailing.mailing"):
    Model = env[model].with_user(2)
    records = Model.search([])
    assert records, model
    for view in Model.get_views([(False, "list"), (False, "form")])["views"].values():
        names = set(Model._fields) & {
            field.get("name") for field in etree.fromstring(view["arch"]).iter("field")
        }
        records.web_read({name: {} for name in names})
email = env["trackable.email"].search([("mailing_id", "=", False)], limit=1)
message = email.mail_message_id
message.with_user(2).get_tracking_timeline()
message.copy({"body": message.body})
print("read", len(env["trackable.email.action"].search([])))
"""


class Destination:
    """A web server that records its requests."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self.requests = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _address = self._socket.accept()
                with connection:
                    self.requests.append(connection.recv(65536).decode("latin1"))
                    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")

    def close(self):
        self._socket.close()


@pytest.fixture(scope="module")
def destination():
    listening = Destination()
    yield listening
    listening.close()


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live:
        yield live


@pytest.mark.parametrize("options", [[], [LANE]], ids=["controllers", "lane"])
def test_the_server_requests_no_destination(odoo, destination, options):
    odoo.inbox.emails.clear()
    destination.requests.clear()
    script = SEND.replace("URL", destination.url)
    odoo.shell(f"from markupsafe import Markup\n{script}")
    wait_until(lambda: len(odoo.inbox.emails) == 2, 10)
    # Odoo requests the title of a new link of a mailing, with and without this addon.
    for text in destination.requests:
        assert "Odoo-Link-Preview" in text
        assert text.startswith("GET /news ")
    destination.requests.clear()
    links = {}
    for delivered in odoo.inbox.emails:
        assert delivered.tracked_urls
        links.update(delivered.links)
    with odoo.server(*options):
        for delivered in odoo.inbox.emails:
            for url in delivered.tracked_urls:
                assert odoo.get(url).status_code in (200, 302)
        for path in (links["our prices"], links["news"]):
            tracked = odoo.url + path[path.index("/t/") :]
            for method in ("HEAD", "GET"):
                requests.request(
                    method,
                    tracked,
                    headers={"User-Agent": BARRACUDA, "Sec-Purpose": "prefetch"},
                    allow_redirects=False,
                    timeout=30,
                )
        printed = odoo.shell(f"from lxml import etree\n{READ}")
        assert "read" in printed
        assert not destination.requests
        # A client that follows the redirect does request the destination.
        tracked = odoo.url + links["our prices"][links["our prices"].index("/t/") :]
        requests.get(tracked, headers={"User-Agent": BROWSER}, timeout=30)
    assert len(destination.requests) == 1
    assert destination.requests[0].startswith("GET / HTTP")
