"""Send malicious requests, byte for byte, to the controllers and to the lane.

`hits` returns the recorded hits, and empties the queue.
"""

import base64
import socket
from urllib.parse import urlsplit

import pytest

from ..helpers.lane_requests import DESTINATION, LANE, NO_CRON, hits, request

EVIL = "https://evil.example.org/"
INJECTED = "Set-Cookie: injected=1"


@pytest.fixture(scope="module")
def controllers(odoo):
    with odoo.server(NO_CRON):
        yield odoo.url


@pytest.fixture(scope="module")
def lane(odoo, controllers):
    with odoo.server(LANE, NO_CRON):
        yield odoo.url


@pytest.fixture(params=["controllers", "lane"])
def server_url(odoo, controllers, lane, request):
    """Return the URL of a server with an empty queue."""
    hits(odoo)
    return {"controllers": controllers, "lane": lane}[request.param]


def send_bytes(url, text):
    """Send a text unchanged.

    :return: the response, up to a limit
    :rtype: str
    """
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=20) as stream:
        stream.sendall(text.encode("latin1"))
        stream.shutdown(socket.SHUT_WR)
        response = b""
        while len(response) < 100_000 and (part := stream.recv(65536)):
            response += part
    return response.decode("latin1")


def get_head(response):
    return response.partition("\r\n\r\n")[0]


def replace_number(path, old, new):
    """Return the path of a token with another number and the old signature."""
    text = path.removeprefix("/t/").removesuffix(".gif")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    changed = raw[:2] + raw[2:].replace(old, new, 1)
    return "/t/" + base64.urlsafe_b64encode(changed).rstrip(b"=").decode()


# ------------------------------------------------------------
# Headers
# ------------------------------------------------------------


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\r\n ", "\x00", "\u2028"])
def test_a_destination_adds_no_header(odoo, server_url, break_):
    # The database can contain such a destination, however it got there.
    url = f"{EVIL}{break_}{INJECTED}{break_}{break_}<script>"
    link_id = int(odoo.sent.link_id)
    if "\x00" in url:  # PostgreSQL cannot store it
        url = url.replace("\x00", "\x01")
    with odoo.transaction() as cursor:
        cursor.execute(
            "UPDATE trackable_link SET url = %s WHERE id = %s", [url, link_id]
        )
        cursor.connection.commit()
        try:
            host = urlsplit(server_url).netloc
            response = send_bytes(
                server_url, f"GET {odoo.sent.link} HTTP/1.0\r\nHost: {host}\r\n\r\n"
            )
        finally:
            cursor.execute(
                "UPDATE trackable_link SET url = %s WHERE id = %s",
                [DESTINATION, link_id],
            )
            cursor.connection.commit()
    head, _end, body = response.partition("\r\n\r\n")
    assert " 302 " in head.splitlines()[0]
    assert not [line for line in head.splitlines() if line.startswith("Set-Cookie")]
    assert f"Location: {EVIL}%" in head
    assert not body


@pytest.mark.parametrize(
    "more", ["%0d%0a", "%0a", "%0d%0a%20", "%E5%98%8A%E5%98%8D", "%00"]
)
def test_a_path_adds_no_header(odoo, server_url, more):
    # Some servers reduce `%E5%98%8A%E5%98%8D` to a line break.
    for suffix in ("", ".gif"):
        path = f"{odoo.sent.link}{more}Set-Cookie:%20injected=1{suffix}"
        status, _reason, headers, body = request(server_url, path)
        # No path of Odoo contains a line break.
        assert status == 404 or (suffix and status == 200)
        assert "injected" not in str(headers)
        assert b"injected" not in body
    assert not hits(odoo)


def test_request_headers_are_not_echoed(odoo, server_url):
    marked = dict.fromkeys(
        ("User_Agent", "Referer", "X_Forwarded_For", "Accept_Language", "Purpose"),
        "injected<script>alert(1)</script>",
    )
    for path in (odoo.sent.image, odoo.sent.link, odoo.sent.file, "/t/x"):
        status, _reason, headers, body = request(server_url, path, **marked)
        assert status in (200, 302, 404)
        assert "injected" not in str(headers)
        assert b"injected" not in body
    assert len(hits(odoo)) == 3


# ------------------------------------------------------------
# Paths
# ------------------------------------------------------------


def build_odd_paths(sent):
    text = sent.link.removeprefix("/t/")
    return {
        "up and down": f"/t/../t/{text}",
        "up and down, encoded": f"/t/%2e%2e/t/{text}",
        "twice encoded": f"/t/%252e%252e/{text}",
        "current folder": f"/t/./{text}",
        "beyond the token": f"/t/{text}/../../web/login",
        "path parameters": f"/t/{text};jsessionid=1",
        "twice": f"/t/{text}{text}",
        "two tokens": f"/t/{text}/{text}",
        "both kinds": f"/t/{text}/{sent.image.removeprefix('/t/')[:-4]}",
        "white space": f"/t/%20{text}",
        "white space behind": f"/t/{text}%0a",
        "NUL": f"/t/{text}%00.pdf",
        "backslash": f"/t/\\{text}",
        "padded": f"/t/{text}==",
        "in upper case": f"/t/{text.upper()}",
        "the alphabet of base64": f"/t/{text[:-1]}+",
        "very long": "/t/" + "A" * 60_000,
        "markup": "/t/<script>alert(1)</script>",
        "a query language": "/t/1'%20OR%20'1'='1",
        "a template": "/t/{{1234*5678}}${1234*5678}",
        "a file": "/t/..%2f..%2f..%2fetc%2fpasswd",
        "nothing": "/t/",
    }


def test_odd_paths_lead_nowhere(odoo, server_url):
    unexpected = {}
    for case, path in build_odd_paths(odoo.sent).items():
        status, _reason, headers, body = request(server_url, path)
        leaks = "Location" in headers or b"alert(1)" in body or b"7006652" in body
        if status not in (400, 404) or leaks:
            unexpected[case] = status, headers, body[:500]
    assert not unexpected
    assert not hits(odoo)
    # The token in these paths is valid.
    assert request(server_url, odoo.sent.link)[0] == 302
    assert len(hits(odoo)) == 1


@pytest.mark.parametrize(
    "path",
    ["//evil.example.org/t/{0}", "/t//{0}", "///t/{0}", "/t%2f{0}", "/%2e/t/{0}"],
)
def test_slashes_lead_to_no_other_host(odoo, server_url, path):
    # Odoo may normalize such a path on the requested host. If the result is a tracked
    # URL, it leads to the destination.
    host = urlsplit(server_url).netloc
    path = path.format(odoo.sent.link.removeprefix("/t/"))
    # As bytes: http.client would normalize the path.
    response = get_head(
        send_bytes(server_url, f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n")
    )
    for line in response.splitlines():
        if line.startswith("Location:") and line.split()[1] != DESTINATION:
            assert urlsplit(line.split()[1]).netloc in ("", host)
            assert not line.split()[1].startswith("//")


# ------------------------------------------------------------
# Parameters
# ------------------------------------------------------------


def test_parameters_change_nothing(odoo, server_url):
    sent, other = odoo.sent, odoo.other
    foreign = other.link.removeprefix("/t/")
    for query in (
        f"url={EVIL}",
        f"redirect={EVIL}&next={EVIL}&to={EVIL}&r={EVIL}",
        f"text={foreign}",
        f"text={foreign}&text={foreign}",
        f"text[]={foreign}",
        f"db=template1&database=postgres&email_id={other.email_id}",
        "debug=assets&lang=fr&utm_source=x&utm_medium=y&utm_campaign=z",
        "session_id=x&csrf_token=y",
        "a=%FF%FE&b=%00&%0d%0a=1",
        "&&&===???",
    ):
        status, _reason, headers, _body = request(server_url, f"{sent.link}?{query}")
        assert (status, headers["Location"]) == (302, DESTINATION), query
        assert "Set-Cookie" not in headers, query
        assert request(server_url, f"{sent.image}?{query}")[0] == 200
        recorded = hits(odoo)
        assert {hit[0] for hit in recorded} == {sent.email_id}, query
        assert len(recorded) == 2, query


def test_parameters_select_no_other_file(odoo, server_url):
    _status, _reason, plain, content = request(server_url, odoo.sent.file)
    query = "id=1&filename=x.html&mimetype=text/html&download=0&access_token=x"
    status, _reason, headers, body = request(server_url, f"{odoo.sent.file}?{query}")
    assert (status, headers, body) == (200, plain, content)
    assert headers["Content-Disposition"].startswith("attachment;")


def test_method_overrides_are_ignored(odoo, server_url):
    link = odoo.sent.link
    override = {"X_HTTP_Method_Override": "GET", "X_Method_Override": "GET"}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        status, _reason, headers, _body = request(
            server_url, f"{link}?_method=GET", method, Content_Length="0", **override
        )
        assert status == 405, method
        assert headers["Cache-Control"] == "no-store, private", method
    assert not hits(odoo)
    # A GET stays a GET.
    for method in ("POST", "HEAD", "DELETE"):
        status, *_rest = request(server_url, link, X_HTTP_Method_Override=method)
        assert status == 302
    assert [hit[2] for hit in hits(odoo)] == ["GET"] * 3


def test_a_posted_token_is_no_click(odoo, server_url):
    # Another site could have a visitor's browser post it.
    body = f"text={odoo.sent.link.removeprefix('/t/')}"
    for path in (odoo.sent.link, "/t/x"):
        response = send_bytes(
            server_url,
            f"POST {path} HTTP/1.0\r\nHost: {urlsplit(server_url).netloc}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}",
        )
        assert " 405 " in response.splitlines()[0]
    assert not hits(odoo)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example.org"},
        {"Host": "evil.example.org:8069"},
        {"Host": "127.0.0.1@evil.example.org"},
        {"X_Forwarded_Host": "evil.example.org"},
        {"Forwarded": "host=evil.example.org", "X_Host": "evil.example.org"},
        {"X_Original_URL": "/web/login", "X_Rewrite_URL": "/web/login"},
        {"Referer": EVIL, "Origin": EVIL},
    ],
    ids=str,
)
def test_no_header_changes_the_destination(odoo, server_url, headers):
    for path, expected in ((odoo.sent.link, 302), (odoo.sent.image, 200)):
        status, _reason, response, _body = request(server_url, path, **headers)
        assert status == expected
        assert "evil" not in str(response)
        assert response.get("Location", DESTINATION) == DESTINATION
    assert len(hits(odoo)) == 2


# ------------------------------------------------------------
# Tokens
# ------------------------------------------------------------


def test_a_replay_gives_the_same_answer(odoo, server_url):
    first = request(server_url, odoo.sent.link)
    for _time in range(5):
        assert request(server_url, odoo.sent.link) == first
    assert len(hits(odoo)) == 6


def test_changed_ids_all_give_the_same_answer(odoo, server_url):
    # The answers do not reveal whether an email or link with the id exists.
    sent = odoo.sent
    not_found = request(server_url, "/t/" + "A" * 40)
    assert not_found[0] == 404
    attempts = 0
    for number in (sent.link_id, sent.email_id):
        for step in (-2, -1, 1, 2, 1000):
            path = replace_number(
                sent.link, bytes([number & 0x7F]), bytes([(number + step) & 0x7F])
            )
            if path != sent.link:
                assert request(server_url, path) == not_found
                assert request(server_url, f"{path}.gif") == request(
                    server_url, "/t/x.gif"
                )
                attempts += 1
    assert attempts > 5
    assert not hits(odoo)


def test_mixed_tokens_are_refused(odoo, server_url):
    # an image token as a link token, and halves of two tokens
    not_found = request(server_url, "/t/" + "A" * 40)
    sent, other = odoo.sent, odoo.other
    middle = len(sent.link) // 2
    for path in (
        sent.image.removesuffix(".gif"),
        sent.link[:middle] + other.link[middle:],
        other.link[:middle] + sent.link[middle:],
        sent.link[:-16] + other.link[-16:],
    ):
        assert request(server_url, path) == not_found
    # The image is always served, so it reveals nothing.
    assert request(server_url, f"{sent.link}.gif") == request(server_url, sent.image)
    assert len(hits(odoo)) == 1
