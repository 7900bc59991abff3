"""A server with the lane and a server without it answer the same request in the same
way, and record the same hit.
"""

import threading

import pytest

from odoo.addons.pipeline_tracking.tools import tracking_token
from odoo.addons.pipeline_tracking.tools.tracking_token import (
    LINK,
    OBJECTION,
    OPEN,
    Token,
)

from ..common import BROWSER
from ..helpers.lane_requests import (
    DESTINATION,
    LANE,
    NO_CRON,
    Sent,
    hits,
    request,
    wait_for_hits,
)
from ..helpers.odoo_server import live_odoo

SERVERS = {
    "threaded": {},
    "prefork": {"options": ["--workers=2"]},
    "gevent": {"evented": True},
}
PROXY = {"X_Forwarded_For": "198.51.100.1, 192.0.2.7", "X_Forwarded_Host": "a.example"}


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live:
        # The servers find the database by the filter, and send no emails.
        live.sent = Sent(live)
        yield live


@pytest.fixture(scope="module", params=["direct", "proxy_mode"])
def controllers(odoo, request):
    """Start a server without the lane, and yield its URL and options."""
    options = [NO_CRON, *(["--proxy-mode"] if request.param == "proxy_mode" else [])]
    with odoo.server(*options):
        yield odoo.url, options


@pytest.fixture(scope="module", params=SERVERS)
def server_urls(odoo, controllers, request):
    """Yield the URLs of two servers: without the lane, and with the lane."""
    url, options = controllers
    server = SERVERS[request.param]
    with odoo.server(
        LANE, *options, *server.get("options", []), evented=server.get("evented", False)
    ):
        yield url, odoo.url


def build_cases(sent):
    """Return requests: description -> path, other values, status, number of hits."""
    image, link, file = sent.image, sent.link, sent.file
    objection = sent.sign(OBJECTION).replace("/t/", "/t/stop/")
    return {
        "an open": (image, {}, 200, 1),
        "a click": (link, {}, 302, 1),
        "a download": (file, {}, 200, 1),
        "HEAD of the image": (image, {"method": "HEAD"}, 200, 1),
        "HEAD of a link": (link, {"method": "HEAD"}, 302, 1),
        "HEAD of a file": (file, {"method": "HEAD"}, 200, 1),
        "a resumed download": (file, {"Range": "bytes=5-"}, 206, 1),
        "the first two bytes": (file, {"Range": "bytes=0-1"}, 206, 1),
        "the last bytes": (file, {"Range": "bytes=-5"}, 206, 1),
        "all of a file, as a range": (file, {"Range": "bytes=0-"}, 206, 1),
        "two ranges": (file, {"Range": "bytes=0-1,4-5"}, 200, 1),
        "a range beyond the end": (file, {"Range": "bytes=999-"}, 416, 0),
        "HEAD of a part": (file, {"method": "HEAD", "Range": "bytes=0-1"}, 206, 1),
        "a cached file": (file, {"If_None_Match": "*"}, 304, 0),
        "a range of a link": (link, {"Range": "bytes=0-1"}, 302, 1),
        "a range of the image": (image, {"Range": "bytes=5-"}, 200, 1),
        "a cached image": (image, {"If_None_Match": '"x"'}, 200, 1),
        "POST": (link, {"method": "POST", "Content_Length": "0"}, 405, 0),
        "OPTIONS": (image, {"method": "OPTIONS"}, 405, 0),
        "PURGE": (image, {"method": "PURGE"}, 405, 0),
        "a query, at a link": (f"{link}?utm_source=x&lang=fr&debug=1", {}, 302, 1),
        "a query, at the image": (f"{image}?db=x", {}, 200, 1),
        "another host": (link, {"Host": "b.example"}, 302, 1),
        "an unknown session": (link, {"Cookie": "a=b; session_id=x"}, 302, 1),
        "Global Privacy Control": (image, {"Sec_GPC": "1"}, 200, 1),
        "the opt-out page": (objection, {}, 200, 0),
        "the opt-out page, forged": (f"{objection}A", {}, 404, 0),
        "an opt-out token as a link's": (
            objection.replace("stop/", ""),
            {},
            404,
            0,
        ),
        "a prefetch": (image, {"Sec_Purpose": "prefetch", "X_Moz": "x"}, 200, 1),
        "no user agent": (image, {"User_Agent": None}, 200, 1),
        "a long user agent": (link, {"User_Agent": "x" * 5000}, 302, 1),
        "beyond ASCII": (link, {"User_Agent": "é\xff".encode("latin1")}, 302, 1),
        "a proxy": (link, PROXY, 302, 1),
        "a proxy, at the image": (
            image,
            {**PROXY, "X_Forwarded_Proto": "https"},
            200,
            1,
        ),
        "a proxy that names no host": (link, {"X_Forwarded_For": "192.0.2.7"}, 302, 1),
        "a proxy with an invalid address": (
            image,
            {**PROXY, "X_Forwarded_For": "not, an address"},
            200,
            1,
        ),
        "the image's token as a link's": (image.removesuffix(".gif"), {}, 404, 0),
        "a link's token as an image's": (f"{link}.gif", {}, 200, 0),
        "forged": (link[:-1] + ("A" if link[-1] != "A" else "B"), {}, 404, 0),
        "forged image": (image[:-6] + ("AA" if image[-6] != "A" else "BB"), {}, 404, 0),
        "cut short": (link[:-4], {}, 404, 0),
        "longer": (f"{link}AAAA", {}, 404, 0),
        "twice .gif": (f"{image}.gif", {}, 200, 0),
        "no token, .gif": ("/t/.gif", {}, 200, 0),
        "very long": ("/t/" + "A" * 6000, {}, 404, 0),
        "not ASCII": ("/t/%C3%A9%FF%00", {}, 404, 0),
        "not ASCII, .gif": ("/t/%C3%A9%FF.gif", {}, 200, 0),
        "a link with .check": (f"{link}.check", {}, 404, 0),
        "a link with .check.gif": (f"{link}.check.gif", {}, 200, 0),
        "the image with .check": (image.replace(".gif", ".check"), {}, 404, 0),
        "the image with .check.gif": (image.replace(".gif", ".check.gif"), {}, 200, 0),
        "a file with .check": (f"{file}.check", {}, 404, 0),
        "HEAD of a link with .check": (f"{link}.check", {"method": "HEAD"}, 404, 0),
        "twice .check": (f"{link}.check.check", {}, 404, 0),
        "a disabled link": (sent.disabled_link, {}, 410, 0),
        "HEAD of a disabled link": (sent.disabled_link, {"method": "HEAD"}, 410, 0),
        "a disabled link, with a query": (f"{sent.disabled_link}?a=1", {}, 410, 0),
        "a disabled link, with Global Privacy Control": (
            sent.disabled_link,
            {"Sec_GPC": "1"},
            410,
            0,
        ),
        "a disabled file": (sent.disabled_file, {}, 410, 0),
        "a withdrawn file": (sent.withdrawn_file, {}, 410, 0),
        "HEAD of a withdrawn file": (sent.withdrawn_file, {"method": "HEAD"}, 410, 0),
        "a part of a withdrawn file": (
            sent.withdrawn_file,
            {"Range": "bytes=0-1"},
            410,
            0,
        ),
        "a file of a deleted email": (
            sent.sign(
                LINK, gone=True, link_id=sent.file_id, link_nonce=sent.file_nonce
            ),
            {},
            200,
            0,
        ),
        "deeper": ("/t/a/b/c", {}, 404, 0),
        "with a slash at the end": (f"{link}/", {}, 404, 0),
        "twice a slash": (link.replace("/t/", "/t//"), {}, 301, 0),
        "a deleted email": (sent.sign(OPEN, gone=True) + ".gif", {}, 200, 0),
        "a link of a deleted email": (sent.sign(LINK, gone=True), {}, 302, 0),
        "a deleted link": (sent.sign(LINK, link_nonce=1), {}, 404, 0),
        "a deleted key": (
            "/t/" + tracking_token.sign(Token(OPEN, 1, 1), 99, b"?" * 64) + ".gif",
            {},
            200,
            0,
        ),
        "a superfluous database name": (
            sent.sign(OPEN, database="elsewhere") + ".gif",
            {},
            200,
            1,
        ),
    }


def test_lane_and_controllers_answer_and_record_the_same(odoo, server_urls):
    differing = {}
    unexpected = {}
    for case, (path, values, status, count) in build_cases(odoo.sent).items():
        responses = []
        for url in server_urls:
            response = request(url, path, **values)
            responses.append((response, hits(odoo)))
        (controllers, lane) = responses
        if controllers != lane:
            differing[case] = responses
        if (lane[0][0], len(lane[1])) != (status, count):
            unexpected[case] = lane
    assert not differing
    assert not unexpected


def test_recorded_hit(odoo, server_urls):
    """Equal hits are not proof of correct hits: check the values."""
    _controllers, lane = server_urls
    status, _reason, headers, body = request(lane, odoo.sent.link)
    assert (status, body) == (302, b"")
    assert headers["Location"] == DESTINATION
    assert headers["Cache-Control"] == "no-store, private"
    assert "Set-Cookie" not in headers
    [(email_id, link_id, method, ip, user_agent, purpose, is_part, *rest)] = hits(odoo)
    assert (email_id, method, user_agent) == (odoo.sent.email_id, "GET", BROWSER)
    assert (ip, purpose, is_part) == ("127.0.0.1", "", False)
    assert rest == [None, True], "no user, and the current time"
    [(url,)] = odoo.query(f"SELECT url FROM trackable_link WHERE id = {int(link_id)}")
    assert url == DESTINATION


def test_concurrent_requests(odoo, server_urls):
    """Each of many concurrent requests gets its response and a hit."""
    _controllers, lane = server_urls
    statuses = []

    def send_requests():
        for path in (odoo.sent.image, odoo.sent.link, odoo.sent.image) * 5:
            statuses.append(request(lane, path)[0])

    threads = [threading.Thread(target=send_requests) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(statuses)) == [200, 302]
    assert len(statuses) == 16 * 15
    assert wait_for_hits(odoo, 16 * 15) == 16 * 15
    hits(odoo)
