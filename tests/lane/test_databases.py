"""The lane finds the database of a token, even if a database was renamed."""

import time

import pytest
import requests

from odoo.addons.pipeline_tracking.tools import responses, tracking_token

from ..helpers.flaky_postgres import FlakyPostgres
from ..helpers.lane_requests import FILE, LANE, NO_CRON, Sent, hits, request
from ..helpers.odoo_server import BASE, databases, live_odoo, wait_until

SERVERS = {"threaded": [], "prefork": ["--workers=2"]}


@pytest.fixture
def odoo():
    with live_odoo() as live:
        live.sent = Sent(live)
        yield live


def fetch(odoo, path, **values):
    """Send a request, and return status, headers and body."""
    status, _reason, headers, body = request(odoo.url, path, **values)
    return status, headers, body


def answers_and_records(odoo):
    """Return whether image and link get the right response and are recorded."""
    hits(odoo)
    image, link = fetch(odoo, odoo.sent.image), fetch(odoo, odoo.sent.link)
    return (image[0], link[0], len(hits(odoo))) == (200, 302, 2)


# ------------------------------------------------------------
# Databases that are unavailable or replaced
# ------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_database_unavailable_for_a_while(odoo, server):
    postgres = FlakyPostgres()
    postgres.on()
    with odoo.server(LANE, NO_CRON, *SERVERS[server], f"--db_port={postgres.port}"):
        assert answers_and_records(odoo)
        postgres.off()
        # The image never breaks. A link asks the recipient to try again later.
        for _time in range(3):
            status, headers, body = fetch(odoo, odoo.sent.image)
            assert (status, headers["Content-Type"]) == (200, "image/gif")
            assert body == responses.IMAGE
            for request_headers in ({}, {"Cookie": "frontend_lang=fr_FR"}):
                status, headers, body = fetch(odoo, odoo.sent.link, **request_headers)
                assert (status, headers["Retry-After"]) == (503, "60")
                assert headers["Cache-Control"] == "no-store, private"
                assert len(body) < 1000, "a plain page"
        postgres.on()
        assert answers_and_records(odoo)
    postgres.off()


def test_renamed_database(odoo):
    """Links keep working if the host also offers the new name."""
    before, after = odoo.name, databases.new_name("live")
    db_filter = f"--db-filter=^({before}|{after})$"
    with databases.held(after), odoo.server(LANE, NO_CRON, db_filter):
        assert answers_and_records(odoo)
        odoo.rename(after)
        try:
            # The first request detects the new name.
            assert fetch(odoo, odoo.sent.link)[0] == 302
            assert len(hits(odoo)) == 1
            assert answers_and_records(odoo)
        finally:
            odoo.rename(before)
        assert answers_and_records(odoo)


def test_another_database_with_the_same_name(odoo):
    """Tokens of the replaced database are invalid, although the keys are the same.
    Tokens of the new database are valid.
    """
    with odoo.server(LANE, NO_CRON):
        assert answers_and_records(odoo)
        before = odoo.sent
        odoo.replace()
        odoo.sent = Sent(odoo)
        assert odoo.sent.keys == before.keys
        assert odoo.sent.image != before.image
        assert answers_and_records(odoo)
        assert fetch(odoo, before.image)[0] == 200
        assert fetch(odoo, before.link)[0] == 404
        assert not hits(odoo)


def test_database_without_the_addon():
    """The URLs exist without the addon, and cause no error."""
    token = tracking_token.Token(tracking_token.OPEN, 1, 1)
    path = f"/t/{tracking_token.sign(token, 1, b'k' * 64)}"
    with live_odoo(BASE) as odoo, odoo.server(LANE, NO_CRON):
        assert fetch(odoo, path)[0] == 404
        status, _headers, body = fetch(odoo, f"{path}.gif")
        assert (status, body) == (200, responses.IMAGE)


# ------------------------------------------------------------
# Several databases on a host
# ------------------------------------------------------------


@pytest.fixture(scope="module")
def two_databases():
    """Yield two databases on one host, with the same keys. Only the token identifies
    the database of an email.
    """
    with live_odoo() as first, live_odoo() as second:
        db_filter = f"--db-filter=^({first.name}|{second.name})$"
        for live in (first, second):
            live.sent = Sent(live, LANE, db_filter)
        with first.server(LANE, NO_CRON, db_filter):
            second.url = first.url
            yield first, second


def log_in(odoo):
    """Log in as administrator, and return the session cookie."""
    session = requests.Session()
    response = session.post(
        f"{odoo.url}/web/session/authenticate",
        json={"params": {"db": odoo.name, "login": "admin", "password": "admin"}},
        timeout=30,
    )
    assert response.json()["result"]["uid"] == 2
    return "session_id=" + session.cookies["session_id"]


def test_token_names_the_database(two_databases):
    for odoo, other in (two_databases, two_databases[::-1]):
        assert (
            tracking_token.read_database_name(odoo.sent.link.removeprefix("/t/"))
            == odoo.name
        )
        assert answers_and_records(odoo)
        status, _headers, body = fetch(odoo, odoo.sent.file)
        assert (status, body) == (200, FILE)
        assert len(hits(odoo)) == 1
        assert not hits(other)


def test_token_overrides_the_database_of_the_session(two_databases):
    """Only a session of the named database identifies a colleague."""
    for odoo, other in (two_databases, two_databases[::-1]):
        cookie = log_in(other)
        assert fetch(odoo, odoo.sent.link, Cookie=cookie)[0] == 302
        [(*_hit, user_id, _now)] = hits(odoo)
        assert user_id is None
        cookie = log_in(odoo)
        assert fetch(odoo, odoo.sent.link, Cookie=cookie)[0] == 302
        [(*_hit, user_id, _now)] = hits(odoo)
        assert user_id == 2
        assert not hits(other)


def test_database_name_that_the_host_does_not_offer(two_databases):
    odoo, other = two_databases
    for name in ("", "postgres", "template1", "elsewhere"):
        path = odoo.sent.sign(tracking_token.OPEN, database=name) + ".gif"
        assert fetch(odoo, path)[2] == responses.IMAGE
        assert fetch(odoo, odoo.sent.sign(tracking_token.LINK, database=name))[0] == 404
    assert not hits(odoo) + hits(other)
    assert (
        fetch(odoo, odoo.sent.sign(tracking_token.LINK, database=odoo.name))[0] == 302
    )
    assert len(hits(odoo)) == 1


def test_named_database_verifies_the_token(two_databases):
    """Without a key of the named database, a token is invalid."""
    odoo, other = two_databases
    values = {"email_id": other.sent.email_id, "email_nonce": other.sent.email_nonce}
    opened = tracking_token.Token(tracking_token.OPEN, database=other.name, **values)
    for secret, count in ((b"?" * 64, 0), (other.sent.keys[max(other.sent.keys)], 1)):
        text = tracking_token.sign(opened, max(other.sent.keys), secret)
        assert fetch(odoo, f"/t/{text}.gif")[2] == responses.IMAGE
        assert len(hits(other)) == count
    assert not hits(odoo)


def test_opt_out_page_of_the_named_database(two_databases):
    odoo, other = two_databases
    for live in (odoo, other):
        path = live.sent.sign(tracking_token.OBJECTION, database=live.name)
        path = path.replace("/t/", "/t/stop/")
        assert fetch(odoo, path)[0] == 200
        assert fetch(odoo, path, method="POST", Content_Length="0")[0] == 200
    for live in (odoo, other):
        stopped = live.query("SELECT is_stopped FROM trackable_email")
        assert stopped == [(True,)]
        assert (
            fetch(odoo, live.sent.sign(tracking_token.LINK, database=live.name))[0]
            == 302
        )
        assert not hits(live), "links work, and nothing is recorded"
        live.query("UPDATE trackable_email SET is_stopped = FALSE RETURNING id")


def test_token_has_no_name_if_the_host_has_one_database(odoo):
    assert not tracking_token.read_database_name(odoo.sent.link.removeprefix("/t/"))
    db_filter = f"--db-filter=^{odoo.name}$"
    sent = Sent(odoo, LANE, db_filter)
    assert not tracking_token.read_database_name(sent.link.removeprefix("/t/"))


# ------------------------------------------------------------
# Processing
# ------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_lane_wakes_the_job(odoo, server):
    with odoo.server(LANE, *SERVERS[server]):
        for _time in range(3):
            assert fetch(odoo, odoo.sent.image)[0] == 200
        wait_until(
            lambda: odoo.query("SELECT open_count FROM trackable_email") == [(1,)], 10
        )
        assert not hits(odoo)
        time.sleep(3)  # the job has ended, and must be woken again
        assert fetch(odoo, odoo.sent.link)[0] == 302
        wait_until(
            lambda: odoo.query("SELECT click_count FROM trackable_email") == [(1,)], 10
        )
