"""Uninstalling restores a real database; the list of links keeps sent links working."""

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
PROCESS_HITS = "env['trackable.hit']._process(); env.cr.commit()"
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


def read_answers(odoo, urls):
    """Return the destination of each link, or the content of its file, by path."""
    destinations = {}
    for url in urls:
        path = path_of(url)
        status, _reason, headers, body = request(odoo.url, path)
        assert status in (200, 302)
        destinations[path] = headers.get("Location", body)
    return destinations


def find_lists(odoo):
    return sorted(LISTS.glob(f"{odoo.name}-links-*"))


class UninstalledDatabase:
    """A database from which the addon was uninstalled, and its data before."""

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
            self.answers = read_answers(odoo, urls - self.images)
            assert hits(odoo)  # clicks of a scanner, which come at once
            odoo.query(LONG_AGO)
            for url in (*self.images, self.mailing.links["prices"]):
                assert odoo.get(url).ok
        odoo.shell(PROCESS_HITS)
        self.statistics = odoo.query(STATISTICS)
        self.refused, self.answers_after = self.uninstall_without_a_folder(folder)
        self.log = folder / "odoo.log"
        odoo.shell(UNINSTALL, "--log-level=warn", f"--logfile={self.log}")

    def uninstall_without_a_folder(self, folder):
        """Return Odoo's error, and the destinations of links on the same server."""
        (folder / "pipeline_tracking").touch()  # a file in place of the folder
        odoo, names = self.odoo, [("name", "=", "pipeline_tracking")]
        # the data folder contains no files
        links = {path for path, body in self.answers.items() if body != FILE}
        with odoo.server(NO_CRON, f"--data-dir={folder}", "--log-level=critical"):
            module_ids = odoo.call("ir.module.module", "search", names)
            with pytest.raises(xmlrpc.client.Fault) as raised:
                odoo.call("ir.module.module", "button_immediate_uninstall", module_ids)
            return raised.value.faultString, read_answers(odoo, links)


@pytest.fixture(scope="module")
def uninstalled(tmp_path_factory):
    with live_odoo() as odoo:
        try:
            yield UninstalledDatabase(odoo, tmp_path_factory.mktemp("odoo"))
        finally:
            for file in find_lists(odoo):
                file.unlink()


@pytest.fixture(scope="module")
def server(uninstalled):
    with uninstalled.odoo.server(NO_CRON) as odoo:
        yield odoo


def test_the_database_had_tracked_links(uninstalled):
    """Without tracked links, the other tests would prove nothing."""
    assert len(uninstalled.images) == 2
    assert len(uninstalled.answers) == 4
    assert URL in uninstalled.answers.values()
    assert list(uninstalled.answers.values()).count(FILE) == 2
    [(status, opened, clicked, clicks)] = uninstalled.statistics
    assert (status, bool(opened), bool(clicked), clicks) == ("open", True, True, 1)


def test_without_the_list_nothing_is_uninstalled(uninstalled):
    assert "Nothing was uninstalled" in uninstalled.refused
    assert uninstalled.answers_after
    assert uninstalled.answers_after.items() < uninstalled.answers.items()


def test_the_list_has_exactly_the_sent_links(uninstalled):
    (file,) = find_lists(uninstalled.odoo)
    assert f"to {file}." in uninstalled.log.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    read = nginx_map.read(file.read_text())
    named = {
        path
        for path in read
        if tracking_token.read_database_name(path.removeprefix("/t/"))
    }
    assert set(read) - named == set(uninstalled.answers), "exactly the sent links"
    assert len(named) == len(uninstalled.answers), (
        "the same links, with the name of the database"
    )
    assert sorted(read[path] for path in named) == sorted(
        read[path] for path in uninstalled.answers
    )
    for path, answered in uninstalled.answers.items():
        if answered != FILE:
            assert read[path] == answered


def test_the_files_are_served_by_odoo(uninstalled, server):
    (file,) = find_lists(uninstalled.odoo)
    read = nginx_map.read(file.read_text())
    urls = {read[path] for path, body in uninstalled.answers.items() if body == FILE}
    assert len(urls) == 2
    for url in urls:
        assert url.startswith(f"{BASE_URL}/web/content/")
        path = url.removeprefix(BASE_URL)
        response = requests.get(server.url + path, timeout=30)
        assert (response.status_code, response.content) == (200, FILE)
        assert "attachment" in response.headers["Content-Disposition"]
        # a request without the access token
        path = re.sub(r"access_token=[^&]+&", "", path)
        assert requests.get(server.url + path, timeout=30).status_code == 404


def assert_links_answer_404(uninstalled, url, image_answer):
    for path in uninstalled.answers:
        assert request(url, path)[0] == 404
    for image in uninstalled.images:
        status, _reason, headers, _body = request(url, path_of(image))
        answer = (status, headers["Content-Type"].partition(";")[0])
        assert answer == image_answer
    assert requests.get(f"{url}/web/login", timeout=60).ok


def test_links_answer_404(uninstalled, server):
    assert_links_answer_404(uninstalled, server.url, (404, "text/html"))


def test_the_database_is_like_one_without_the_addon(uninstalled):
    """test_uninstalled_database.py compares all rows, without tracked emails."""
    remaining, expected = schema(uninstalled.odoo.name), schema(template(BASE))
    remaining["parameters"] -= PREPARED
    assert differences(remaining, expected) == {}
    assert uninstalled.odoo.query(STATISTICS) == uninstalled.statistics
    assert uninstalled.odoo.shell(SHOW_FORMS).strip() == "shown"


def test_odoo_tracks_mailings_again(server):
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


def test_scheduled_messages_are_sent_untracked(uninstalled):
    odoo = uninstalled.odoo
    odoo.inbox.emails.clear()
    odoo.shell(POST_SCHEDULED)
    wait_until(lambda: odoo.inbox.emails, 20)
    (delivered,) = odoo.inbox.emails
    assert "Later" in delivered.html and not delivered.tracked_urls


def test_links_answer_404_while_the_module_is_server_wide(uninstalled):
    """Keep this test last: it starts another server."""
    with uninstalled.odoo.server(NO_CRON, LANE):
        assert_links_answer_404(uninstalled, uninstalled.odoo.url, (200, "image/gif"))


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
        (file,) = find_lists(odoo)
        read = nginx_map.read(file.read_text())
        file.unlink()
        assert {sent.link, sent.file} < set(read)
