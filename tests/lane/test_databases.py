"""The lane finds the database of a token: several on a host, unreachable, renamed,
restored.
"""

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


def ask(odoo, path, **values):
    """:return: status, headers and body"""
    status, _reason, headers, body = request(odoo.url, path, **values)
    return status, headers, body


def is_right(odoo):
    """Whether the image and the link are answered as they should, and recorded."""
    hits(odoo)
    image, link = ask(odoo, odoo.sent.image), ask(odoo, odoo.sent.link)
    return (image[0], link[0], len(hits(odoo))) == (200, 302, 2)


# ------------------------------------------------------------
# One that comes and goes
# ------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_away_and_back(odoo, server):
    postgres = FlakyPostgres()
    postgres.on()
    with odoo.server(LANE, NO_CRON, *SERVERS[server], f"--db_port={postgres.port}"):
        assert is_right(odoo)
        postgres.off()
        # No mail shows a broken image. A link has to lead somewhere: later.
        for _time in range(3):
            status, headers, body = ask(odoo, odoo.sent.image)
            assert (status, headers["Content-Type"]) == (200, "image/gif")
            assert body == responses.IMAGE
            for given in ({}, {"Cookie": "frontend_lang=fr_FR"}):
                status, headers, body = ask(odoo, odoo.sent.link, **given)
                assert (status, headers["Retry-After"]) == (503, "60")
                assert headers["Cache-Control"] == "no-store, private"
                assert len(body) < 1000, "a plain page"
        postgres.on()
        assert is_right(odoo)
    postgres.off()


def test_renamed(odoo):
    """Its links keep working, where the host tells that name as well."""
    before, after = odoo.name, databases.new_name("live")
    db_filter = f"--db-filter=^({before}|{after})$"
    with databases.held(after), odoo.server(LANE, NO_CRON, db_filter):
        assert is_right(odoo)
        odoo.rename(after)
        try:
            # by the first request it is found out
            assert ask(odoo, odoo.sent.link)[0] == 302
            assert len(hits(odoo)) == 1
            assert is_right(odoo)
        finally:
            odoo.rename(before)
        assert is_right(odoo)


def test_another_one_of_that_name(odoo):
    """What was sent from the one before reaches nobody of this one, though it has the
    same keys; and what this one sends is understood.
    """
    with odoo.server(LANE, NO_CRON):
        assert is_right(odoo)
        before = odoo.sent
        odoo.replace()
        odoo.sent = Sent(odoo)
        assert odoo.sent.keys == before.keys
        assert odoo.sent.image != before.image
        assert is_right(odoo)
        assert ask(odoo, before.image)[0] == 200
        assert ask(odoo, before.link)[0] == 404
        assert not hits(odoo)


def test_one_without_the_addon():
    """The address is there all the same: nothing fails."""
    token = tracking_token.Token(tracking_token.OPEN, 1, 1)
    path = f"/t/{tracking_token.sign(token, 1, b'k' * 64)}"
    with live_odoo(BASE) as odoo, odoo.server(LANE, NO_CRON):
        assert ask(odoo, path)[0] == 404
        status, _headers, body = ask(odoo, f"{path}.gif")
        assert (status, body) == (200, responses.IMAGE)


# ------------------------------------------------------------
# Several on a host
# ------------------------------------------------------------


@pytest.fixture(scope="module")
def two():
    """A host that has two databases, of the same origin, with the same keys: whose an
    email is, only its token tells.
    """
    with live_odoo() as first, live_odoo() as second:
        db_filter = f"--db-filter=^({first.name}|{second.name})$"
        for live in (first, second):
            live.sent = Sent(live, LANE, db_filter)
        with first.server(LANE, NO_CRON, db_filter):
            second.url = first.url
            yield first, second


def log_in(odoo):
    """:return: the cookie of the administrator's session"""
    session = requests.Session()
    answered = session.post(
        f"{odoo.url}/web/session/authenticate",
        json={"params": {"db": odoo.name, "login": "admin", "password": "admin"}},
        timeout=30,
    )
    assert answered.json()["result"]["uid"] == 2
    return "session_id=" + session.cookies["session_id"]


def test_the_token_tells(two):
    for odoo, other in (two, two[::-1]):
        assert (
            tracking_token.read_database_name(odoo.sent.link.removeprefix("/t/"))
            == odoo.name
        )
        assert is_right(odoo)
        status, _headers, body = ask(odoo, odoo.sent.file)
        assert (status, body) == (200, FILE)
        assert len(hits(odoo)) == 1
        assert not hits(other)


def test_the_token_tells_whatever_session_there_is(two):
    """A colleague of this database is one, whoever he is elsewhere."""
    for odoo, other in (two, two[::-1]):
        cookie = log_in(other)
        assert ask(odoo, odoo.sent.link, Cookie=cookie)[0] == 302
        [(*_hit, user_id, _now)] = hits(odoo)
        assert user_id is None
        cookie = log_in(odoo)
        assert ask(odoo, odoo.sent.link, Cookie=cookie)[0] == 302
        [(*_hit, user_id, _now)] = hits(odoo)
        assert user_id == 2
        assert not hits(other)


def test_a_name_that_is_not_the_hosts_is_none(two):
    odoo, other = two
    for name in ("", "postgres", "template1", "elsewhere"):
        path = odoo.sent.sign(tracking_token.OPEN, database=name) + ".gif"
        assert ask(odoo, path)[2] == responses.IMAGE
        assert ask(odoo, odoo.sent.sign(tracking_token.LINK, database=name))[0] == 404
    assert not hits(odoo) + hits(other)
    assert ask(odoo, odoo.sent.sign(tracking_token.LINK, database=odoo.name))[0] == 302
    assert len(hits(odoo)) == 1


def test_a_name_is_signed_by_its_own_database(two):
    """Who has no key of it can name it, and no more."""
    odoo, other = two
    values = {"email_id": other.sent.email_id, "email_nonce": other.sent.email_nonce}
    opened = tracking_token.Token(tracking_token.OPEN, database=other.name, **values)
    for secret, count in ((b"?" * 64, 0), (other.sent.keys[max(other.sent.keys)], 1)):
        text = tracking_token.sign(opened, max(other.sent.keys), secret)
        assert ask(odoo, f"/t/{text}.gif")[2] == responses.IMAGE
        assert len(hits(other)) == count
    assert not hits(odoo)


def test_the_page_to_object_is_found_by_its_name(two):
    odoo, other = two
    for live in (odoo, other):
        path = live.sent.sign(tracking_token.OBJECTION, database=live.name)
        path = path.replace("/t/", "/t/stop/")
        assert ask(odoo, path)[0] == 200
        assert ask(odoo, path, method="POST", Content_Length="0")[0] == 200
    for live in (odoo, other):
        stopped = live.query("SELECT is_stopped FROM trackable_email")
        assert stopped == [(True,)]
        assert (
            ask(odoo, live.sent.sign(tracking_token.LINK, database=live.name))[0] == 302
        )
        assert not hits(live), "links go on working, and nothing is recorded"
        live.query("UPDATE trackable_email SET is_stopped = FALSE RETURNING id")


def test_where_the_host_tells_nothing_is_named(odoo):
    assert not tracking_token.read_database_name(odoo.sent.link.removeprefix("/t/"))
    db_filter = f"--db-filter=^{odoo.name}$"
    sent = Sent(odoo, LANE, db_filter)
    assert not tracking_token.read_database_name(sent.link.removeprefix("/t/"))


# ------------------------------------------------------------
# What comes after
# ------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_what_the_lane_records_is_in_the_chatter_soon(odoo, server):
    """The job is woken for it."""
    with odoo.server(LANE, *SERVERS[server]):
        for _time in range(3):
            assert ask(odoo, odoo.sent.image)[0] == 200
        wait_until(
            lambda: odoo.query("SELECT open_count FROM trackable_email") == [(1,)], 10
        )
        assert not hits(odoo)
        time.sleep(3)  # and again, when it has long ended
        assert ask(odoo, odoo.sent.link)[0] == 302
        wait_until(
            lambda: odoo.query("SELECT click_count FROM trackable_email") == [(1,)], 10
        )
