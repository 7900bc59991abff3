"""Uninstalling from a real database restores Odoo as it was; links and files that were
sent keep working, by the list of links and by Odoo itself.
"""

import re
import xmlrpc.client

import pytest
import requests

from odoo.addons.pipeline_tracking.tools import tracking_token

from ..common import BASE_URL, TRACKED_URL, path_of
from ..helpers import nginx_map
from ..helpers.database_schema import differences, schema
from ..helpers.lane_requests import LANE, NO_CRON, Sent, hits, request
from ..helpers.odoo_server import (
    BASE,
    PREPARED,
    databases,
    live_odoo,
    template,
    wait_until,
)

FILE = b"%PDF-1.4 our offer"
URL = r'https://shop.example.net/$1?q="[a]"&b=%C3%A9\n#top'
LISTS = databases.paths.DATA_DIR / "pipeline_tracking"

SEND_MAILING = """
from odoo.fields import Command
contact = env["mailing.contact"].create({"name": "Anna", "email": "anna@x.example.org"})
mailing = env["mailing.mailing"].create({
    "subject": "News", "mailing_model_id": env["ir.model"]._get_id("mailing.contact"),
    "mailing_domain": repr([("id", "=", contact.id)]), "email_from": "me@acme.example",
    "body_html": '<div><a href="https://x.com/">prices</a>'
                 '<a href="/unsubscribe_from_list">Unsubscribe</a></div>',
    "attachment_ids": [Command.create({"name": "news.pdf", "raw": %(file)r})],
})
mailing.action_send_mail()
env.cr.commit()
env["mail.mail"].process_email_queue()
env.cr.commit()
"""
SEND = (
    """
from datetime import datetime, timedelta
from markupsafe import Markup
partner = env["res.partner"].create({"name": "Carla", "email": "carla@x.example.org"})
values = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment",
          "partner_ids": partner.ids}
partner.message_post(
    body=Markup('<p><a href="%%s">our prices</a></p>') %% %(url)r, is_tracked=True,
    attachments=[("offer.pdf", %(file)r)], **values)
env["mail.scheduled.message"].create({
    "model": "res.partner", "res_id": partner.id, "body": "<p>Later</p>",
    "author_id": env.user.partner_id.id, "partner_ids": partner.ids,
    "scheduled_date": datetime.now() + timedelta(days=1),
    "notification_parameters": '{"is_tracked": true}'})
env["ir.config_parameter"].set_param("pipeline_tracking.allow_private_url", "True")
"""
    + SEND_MAILING
)
LONG_AGO = """
UPDATE trackable_email SET sent_date = sent_date - interval '1 hour' RETURNING id
"""
UNDERSTAND = "env['trackable.hit']._process(); env.cr.commit()"
UNINSTALL = """
env["ir.module.module"].search(
    [("name", "=", "pipeline_tracking")]).button_immediate_uninstall()
"""
POST_SCHEDULED = """
env["mail.scheduled.message"].search([])._post_message()
env.cr.commit()
env["mail.mail"].process_email_queue()
"""
SHOW_FORMS = """
for model in ("mailing.mailing", "mailing.trace", "mail.compose.message", "res.partner",
              "res.users", "res.config.settings", "base.module.uninstall"):
    env[model].get_views([(False, "form"), (False, "list")])
print("shown")
"""
STATISTICS = """
SELECT trace_status, open_datetime, links_click_datetime,
       (SELECT count(*) FROM link_tracker_click)
  FROM mailing_trace ORDER BY id
"""


def answers(odoo, urls):
    """Where each link led while the addon was there, or what it gave, by its path."""
    destinations = {}
    for url in urls:
        path = path_of(url)
        status, _reason, headers, body = request(odoo.url, path)
        assert status in (200, 302)
        destinations[path] = headers.get("Location", body)
    return destinations


def lists(odoo):
    return sorted(LISTS.glob(f"{odoo.name}-links-*"))


class Gone:
    """A database that the addon was uninstalled from, and what there was before."""

    def __init__(self, odoo, folder):
        self.odoo = odoo
        odoo.shell(SEND % {"url": URL, "file": FILE})
        wait_until(lambda: len(odoo.inbox.emails) >= 2, 20)
        delivered = {
            delivered_email.recipients[0]: delivered_email
            for delivered_email in odoo.inbox.emails
        }
        self.individual = delivered["carla@x.example.org"]
        self.mailing = delivered["anna@x.example.org"]
        urls = {*self.individual.tracked_urls, *self.mailing.tracked_urls}
        self.images = {url for url in urls if url.endswith(".gif")}
        with odoo.server(NO_CRON):
            self.answers = answers(odoo, urls - self.images)
            assert hits(odoo)  # all at once, they look like a scanner's
            odoo.query(LONG_AGO)
            for url in (*self.images, self.mailing.links["prices"]):
                assert odoo.get(url).ok
        odoo.shell(UNDERSTAND)
        self.statistics = odoo.query(STATISTICS)
        self.refused, self.answers_after = self.uninstall_without_a_folder(folder)
        self.log = folder / "odoo.log"
        odoo.shell(UNINSTALL, "--log-level=warn", f"--logfile={self.log}")

    def uninstall_without_a_folder(self, folder):
        """Odoo's answer; and after that, from the same server, where links lead."""
        (folder / "pipeline_tracking").touch()  # in its place
        odoo, names = self.odoo, [("name", "=", "pipeline_tracking")]
        # without the files, too
        links = {path for path, body in self.answers.items() if body != FILE}
        with odoo.server(NO_CRON, f"--data-dir={folder}", "--log-level=critical"):
            module_ids = odoo.call("ir.module.module", "search", names)
            with pytest.raises(xmlrpc.client.Fault) as raised:
                odoo.call("ir.module.module", "button_immediate_uninstall", module_ids)
            return raised.value.faultString, answers(odoo, links)


@pytest.fixture(scope="module")
def gone(tmp_path_factory):
    with live_odoo() as odoo:
        try:
            yield Gone(odoo, tmp_path_factory.mktemp("odoo"))
        finally:
            for file in lists(odoo):
                file.unlink()


@pytest.fixture(scope="module")
def server(gone):
    with gone.odoo.server(NO_CRON) as odoo:
        yield odoo


def test_there_was_something_to_lose(gone):
    """Else the rest says little."""
    assert len(gone.images) == 2
    assert len(gone.answers) == 4
    assert URL in gone.answers.values()
    assert list(gone.answers.values()).count(FILE) == 2
    [(status, opened, clicked, clicks)] = gone.statistics
    assert (status, bool(opened), bool(clicked), clicks) == ("open", True, True, 1)


def test_without_the_list_nothing_is_uninstalled(gone):
    assert "Nothing was uninstalled" in gone.refused
    assert gone.answers_after
    assert gone.answers_after.items() < gone.answers.items()


def test_the_list_is_what_was_sent(gone):
    (file,) = lists(gone.odoo)
    assert f"to {file}." in gone.log.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    read = nginx_map.read(file.read_text())
    named = {
        path
        for path in read
        if tracking_token.read_database_name(path.removeprefix("/t/"))
    }
    assert set(read) - named == set(gone.answers), "what was sent, and nothing else"
    assert len(named) == len(gone.answers), "the same, naming the database"
    assert sorted(read[path] for path in named) == sorted(
        read[path] for path in gone.answers
    )
    for path, answered in gone.answers.items():
        if answered != FILE:
            assert read[path] == answered


def test_the_files_are_served_by_odoo(gone, server):
    (file,) = lists(gone.odoo)
    read = nginx_map.read(file.read_text())
    urls = {read[path] for path, body in gone.answers.items() if body == FILE}
    assert len(urls) == 2
    for url in urls:
        assert url.startswith(f"{BASE_URL}/web/content/")
        path = url.removeprefix(BASE_URL)
        response = requests.get(server.url + path, timeout=30)
        assert (response.status_code, response.content) == (200, FILE)
        assert "attachment" in response.headers["Content-Disposition"]
        # not without the access token
        path = re.sub(r"access_token=[^&]+&", "", path)
        assert requests.get(server.url + path, timeout=30).status_code == 404


def assert_links_lead_nowhere(gone, url, image_answer):
    for path in gone.answers:
        assert request(url, path)[0] == 404
    for image in gone.images:
        status, _reason, headers, _body = request(url, path_of(image))
        answer = (status, headers["Content-Type"].partition(";")[0])
        assert answer == image_answer
    assert requests.get(f"{url}/web/login", timeout=60).ok


def test_links_lead_nowhere_and_break_nothing(gone, server):
    assert_links_lead_nowhere(gone, server.url, (404, "text/html"))


def test_the_database_is_as_without_the_addon(gone):
    """Also after it was in use; row by row: test_uninstalled_database.py."""
    remaining, expected = schema(gone.odoo.name), schema(template(BASE))
    remaining["parameters"] -= PREPARED
    assert differences(remaining, expected) == {}
    assert gone.odoo.query(STATISTICS) == gone.statistics
    assert gone.odoo.shell(SHOW_FORMS).strip() == "shown"


def test_odoo_tracks_its_mailings_itself(server):
    odoo = server
    odoo.inbox.emails.clear()
    odoo.shell(SEND_MAILING % {"file": FILE})
    wait_until(lambda: odoo.inbox.emails, 20)
    (delivered,) = odoo.inbox.emails
    assert not TRACKED_URL.search(delivered.html)
    [(trace_id,)] = odoo.query("SELECT max(id) FROM mailing_trace")
    link = delivered.links["prices"]
    assert re.fullmatch(rf"https://[^/]+/r/[A-Za-z0-9]+/m/{trace_id}", link)
    (image,) = re.findall(r'https://[^"]+/mail/track/[^"]+', delivered.html)
    [attachment] = delivered.attachments
    assert attachment.get_content() == FILE
    opened = f"SELECT trace_status FROM mailing_trace WHERE id = {trace_id}"
    clicked = (
        f"SELECT count(*) FROM link_tracker_click WHERE mailing_trace_id = {trace_id}"
    )
    assert (odoo.query(opened), odoo.query(clicked)) == ([("sent",)], [(0,)])
    for url, status in ((image, 200), (link, 301)):
        path = url.removeprefix(BASE_URL)
        response = requests.get(odoo.url + path, allow_redirects=False, timeout=30)
        assert response.status_code == status
    assert response.headers["Location"].startswith("https://x.com/")
    assert (odoo.query(opened), odoo.query(clicked)) == ([("open",)], [(1,)])


def test_what_was_to_be_tracked_later_is_sent(gone):
    odoo = gone.odoo
    odoo.inbox.emails.clear()
    odoo.shell(POST_SCHEDULED)
    wait_until(lambda: odoo.inbox.emails, 20)
    (delivered,) = odoo.inbox.emails
    assert "Later" in delivered.html and not delivered.tracked_urls


def test_links_lead_nowhere_while_the_module_is_server_wide(gone):
    """The last one: the server above is another."""
    with gone.odoo.server(NO_CRON, LANE):
        assert_links_lead_nowhere(gone, gone.odoo.url, (200, "image/gif"))


WRITE = """
print(env["trackable.uninstall"]._write_link_list())
env.cr.commit()
"""


def test_links_that_name_their_database():
    with live_odoo() as odoo:
        several = f"--db-filter=^({odoo.name}|{template(BASE)})$"
        sent = Sent(odoo, LANE, several)
        assert (
            tracking_token.read_database_name(sent.link.removeprefix("/t/"))
            == odoo.name
        )
        odoo.shell(WRITE, "--log-level=error")
        (file,) = lists(odoo)
        read = nginx_map.read(file.read_text())
        file.unlink()
        assert {sent.link, sent.file} < set(read)
