"""The lane answers plain opens and clicks, and leaves any other request to the
controllers.
"""

import logging

import pytest

from odoo.addons.pipeline_tracking.lane import connections, middleware
from odoo.addons.pipeline_tracking.lane import databases as lane_databases
from odoo.addons.pipeline_tracking.tools import responses, tracking_token
from odoo.addons.pipeline_tracking.tools.tracking_token import LINK, Token

from ..helpers.lane_in_process import configured
from ..helpers.lane_requests import DESTINATION, hits
from ..helpers.odoo_server import databases


@pytest.fixture
def logged(caplog):
    """Capture warnings of the addon, at any log level of the test run."""
    with caplog.at_level(logging.WARNING, logger="odoo.addons.pipeline_tracking"):
        yield caplog


def test_lane_answers_opens_and_clicks(odoo, lane_app):
    status, headers, body = lane_app.ask(odoo.sent.image)
    assert (status, body) == ("200 OK", responses.IMAGE)
    assert headers["Content-Length"] == "43"
    status, headers, body = lane_app.ask(odoo.sent.link)
    assert (status, body) == ("302 FOUND", b"")
    assert headers["Location"] == DESTINATION
    assert not lane_app.left
    assert len(hits(odoo)) == 2


def test_lane_answers_head_requests(odoo, lane_app):
    for path in (odoo.sent.image, odoo.sent.link):
        _status, _headers, body = lane_app.ask(path, method="HEAD")
        assert not body
    assert not lane_app.left
    assert [hit[2] for hit in hits(odoo)] == ["HEAD", "HEAD"]


@pytest.mark.parametrize(
    "case",
    [
        {"method": "POST"},
        {"method": "OPTIONS"},
        {"HTTP_COOKIE": "a=b"},
        {"HTTP_X_ODOO_DATABASE": "odoo"},
        {"HTTP_HOST": None},
    ],
    ids=str,
)
def test_lane_leaves_unusual_requests(odoo, lane_app, case):
    for path in (odoo.sent.image, odoo.sent.link):
        assert lane_app.is_left(path, **case)
        assert not lane_app.is_left(path)
    assert len(hits(odoo)) == 2


def test_environ_of_a_left_request_does_not_change(odoo, lane_app):
    headers = {"HTTP_COOKIE": "session_id=x", "HTTP_X_FORWARDED_HOST": "a.example"}
    with configured(proxy_mode=True):
        lane_app.ask(odoo.sent.link, HTTP_X_FORWARDED_FOR="192.0.2.9", **headers)
    (environ,) = lane_app.left
    assert environ["HTTP_COOKIE"] == "session_id=x"
    assert environ["REMOTE_ADDR"] == "192.0.2.7"
    assert "werkzeug.proxy_fix.orig" not in environ
    assert "HTTP_X_ODOO_DATABASE" not in environ


def test_lane_ignores_other_paths(lane_app):
    with configured(db_name=["missing"]):
        for path in ("/", "/t", "/web/login", "/tt/x", "/x/t/y"):
            assert lane_app.is_left(path)
            assert responses.HAS_DATABASE not in lane_app.left[-1]


def test_lane_leaves_invalid_tokens(odoo, lane_app):
    image, link, file = odoo.sent.image, odoo.sent.link, odoo.sent.file
    changed = link[:-1] + ("A" if link[-1] != "A" else "B")
    deleted_link = Token(LINK, odoo.sent.email_id, odoo.sent.email_nonce, 10**6, 1)
    key_id = max(odoo.sent.keys)
    for path in (
        file,  # a valid token, but a file
        image.removesuffix(".gif"),
        f"{link}.gif",
        changed,
        f"{changed}.gif",
        "/t/",
        "/t/.gif",
        "/t/%C3%A9",
        "/t/" + tracking_token.sign(deleted_link, key_id, odoo.sent.keys[key_id]),
    ):
        assert lane_app.is_left(path), path
    assert not hits(odoo)
    assert not lane_app.is_left(link)


def test_deleted_email(odoo, lane_app):
    """The lane still answers the image and the links of a deleted email."""
    assert (
        lane_app.ask(odoo.sent.sign(tracking_token.OPEN, gone=True) + ".gif")[2]
        == responses.IMAGE
    )
    assert lane_app.ask(odoo.sent.sign(LINK, gone=True))[1]["Location"] == DESTINATION
    assert not lane_app.left
    assert not hits(odoo)


@pytest.mark.parametrize(
    ("proxy_mode", "environ", "ip"),
    [
        (False, {}, "192.0.2.7"),
        (True, {}, "192.0.2.7"),
        (False, {"HTTP_X_FORWARDED_FOR": "198.51.100.9"}, ""),
        (True, {"HTTP_X_FORWARDED_FOR": "198.51.100.9"}, ""),
        (
            False,
            {"HTTP_X_FORWARDED_FOR": "198.51.100.9", "HTTP_X_FORWARDED_HOST": "a.b"},
            "",
        ),
        (
            True,
            {
                "HTTP_X_FORWARDED_FOR": "203.0.113.1, 198.51.100.9",
                "HTTP_X_FORWARDED_HOST": "a.b",
            },
            "198.51.100.9",
        ),
    ],
)
def test_proxy_headers_count_only_in_proxy_mode(
    odoo, lane_app, proxy_mode, environ, ip
):
    with configured(proxy_mode=proxy_mode):
        lane_app.ask(odoo.sent.image, **environ)
    [(_email, _link, _method, recorded, *_rest)] = hits(odoo)
    assert recorded == ip


def test_no_database_and_several_databases(odoo, lane_app):
    """The token does not name the database, and the host does not offer exactly one."""
    for names in ([], [odoo.name, databases.new_name("none")]):
        with configured(db_name=names, dbfilter="" if names else "^$"):
            middleware.databases.expire_list()
            assert lane_app.is_left(odoo.sent.link)
            assert responses.HAS_DATABASE not in lane_app.left[-1]


def test_dbfilter_applies_to_each_host(odoo, lane_app):
    with configured(db_name=[], dbfilter=f"^{odoo.name}$|^%h$"):
        middleware.databases.expire_list()
        assert not lane_app.is_left(odoo.sent.link)
    with configured(db_name=[], dbfilter="^%d$"):
        middleware.databases.expire_list()
        assert lane_app.is_left(odoo.sent.link)
        assert not lane_app.is_left(
            odoo.sent.link, host=f"www.{odoo.name}.example.com:80"
        )
    assert len(hits(odoo)) == 2


def test_missing_database_and_database_without_the_addon(odoo, lane_app, logged):
    with configured(db_name=[databases.new_name("none")]):
        middleware.databases.expire_list()
        assert lane_app.is_left(odoo.sent.link)
    assert [record.levelno for record in logged.records] == [logging.WARNING]
    with configured(db_name=["template1"]):
        middleware.databases.expire_list()
        for _time in range(3):
            assert lane_app.is_left(odoo.sent.image)
    assert all(environ[responses.HAS_DATABASE] for environ in lane_app.left)
    assert len(logged.records) == 1, "no warning for a database without the addon"


@pytest.mark.parametrize("error", [connections.Unavailable("busy"), ValueError()])
def test_left_request_has_the_database_of_the_token(odoo, lane_app, monkeypatch, error):
    """On a host with several databases, the controllers need the database's name."""

    def fail(*_arguments):
        raise error

    monkeypatch.setattr(connections.ConnectionPool, "call_with_connection", fail)
    opened = Token(
        tracking_token.OPEN,
        odoo.sent.email_id,
        odoo.sent.email_nonce,
        database=odoo.name,
    )
    key_id = max(odoo.sent.keys)
    path = f"/t/{tracking_token.sign(opened, key_id, odoo.sent.keys[key_id])}.gif"
    with configured(db_name=[odoo.name, databases.new_name("none")]):
        middleware.databases.expire_list()
        assert lane_app.is_left(path)
    assert lane_app.left[-1]["HTTP_X_ODOO_DATABASE"] == odoo.name


def test_token_names_the_database_unless_the_host_has_one(odoo, monkeypatch):
    """A link without a needed name would never work."""
    known = middleware.databases.__class__()

    def name_for_token(listed):
        monkeypatch.setattr(lane_databases, "list_dbs", lambda force: listed)
        known.expire_list()
        return known.get_name_for_token("odoo.acme.example.com", odoo.name)

    with configured(db_name=[], dbfilter=""):
        assert name_for_token([]) == odoo.name, "databases cannot be listed"
        assert name_for_token([odoo.name]) == ""
        assert name_for_token([odoo.name, "another"]) == odoo.name
        assert name_for_token([]) == odoo.name, "the previous list"
        assert name_for_token(["another"]) == odoo.name


def test_cache_of_hosts_is_limited(odoo, lane_app):
    with configured(db_name=[], dbfilter=f"^{odoo.name}$"):
        middleware.databases.expire_list()
        for number in range(lane_databases.MAX_HOSTS + 10):
            assert middleware.databases.list_for_host(f"host{number}") == [odoo.name]
        assert middleware.databases.list_for_host("x" * 60_000) == [odoo.name]
        _names, by_host = middleware.databases._cached_lists
        assert len(by_host) == lane_databases.MAX_HOSTS
        assert max(map(len, by_host)) < 20


def test_unexpected_error_is_logged_and_left(odoo, lane_app, logged, monkeypatch):
    monkeypatch.setattr(middleware.request_info, "describe_request", lambda _e: 1 / 0)
    assert lane_app.is_left(odoo.sent.image)
    assert "ZeroDivisionError" in logged.text


def test_lane_has_the_attributes_of_the_application():
    class Application:
        session_store = "store"

        def __call__(self, environ, start_response):
            return []

    application = Application()
    lane = middleware.Lane(application)
    assert lane.session_store == "store"
    lane.session_store = "another"
    assert application.session_store == "another"
    del lane.session_store
    assert application.session_store == "store"
    assert not hasattr(lane, "no_such_thing")


def test_lane_exists_only_if_the_module_is_server_wide(monkeypatch):
    monkeypatch.setattr(middleware.http, "root", middleware.http.root)
    before = middleware.http.root
    middleware.post_load()
    assert middleware.http.root is before
    with configured(server_wide_modules=["base", "web", "pipeline_tracking"]):
        middleware.post_load()
        lane = middleware.http.root
        assert isinstance(lane, middleware.Lane)
        middleware.post_load()
        assert middleware.http.root is lane
