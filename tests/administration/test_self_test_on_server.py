"""The self-test on real servers, behind correct and broken proxies."""

import contextlib
import json
import time

import pytest
import requests

from odoo.addons.pipeline_tracking.tools import tracking_token

from ..helpers.lane_requests import LANE, NO_CRON, request
from ..helpers.odoo_server import live_odoo, wait_until
from ..helpers.proxy_server import pass_on, proxy_server, reply, self_signed

PROXY = "--proxy-mode"
FORWARDED = {"X_Forwarded_For": "203.0.113.7", "X_Forwarded_Host": "127.0.0.1"}
KEYS = """
import json
keys = env["trackable.key"]._get_keys()
print(json.dumps({key: secret.decode() for key, secret in keys.items()}))
"""


@pytest.fixture(scope="module")
def odoo():
    """Start a database that tracks emails although its address is private."""
    with live_odoo() as live:
        live.keys = allow_private(live)
        yield live


def allow_private(live):
    printed = live.shell(
        'env["ir.config_parameter"].set_param('
        '"pipeline_tracking.allow_private_url", "True")\n'
        "env.cr.commit()\n" + KEYS
    )
    return {
        int(key): secret.encode()
        for key, secret in json.loads(printed.splitlines()[-1]).items()
    }


@pytest.fixture(scope="module")
def plain(odoo):
    """Serve the database without the lane."""
    with odoo.server():
        yield odoo


@contextlib.contextmanager
def serving(odoo, *options):
    """Start another server of the database, with options."""
    before = odoo.url, getattr(odoo, "process", None)
    try:
        with odoo.server(*options):
            yield odoo
    finally:
        odoo.url, odoo.process = before


def check(odoo, url=None):
    """Run the self-test.

    :param str url: base URL of tracked URLs; default: the server's
    :return: finding key -> line
    :rtype: dict[str, dict]
    """
    odoo.call("ir.config_parameter", "set_param", "web.base.url", url or odoo.url)
    action = odoo.call("res.config.settings", "action_check_tracking", [])
    assert (action["res_model"], action["target"]) == ("trackable.self.test", "new")
    lines = odoo.call(
        "trackable.self.test.line",
        "search_read",
        [("test_id", "=", action["res_id"])],
        ["key", "state", "title", "reason", "remedy"],
    )
    states = [line["state"] for line in lines]
    order = ("error", "warning", "notice", "ok")
    assert states == sorted(states, key=order.index)
    return {line["key"]: line for line in lines}


def findings_of_address(findings):
    """Return the keys of findings about reaching the server."""
    subjects = {
        *("reached", "dns", "refused", "timeout", "timeout_one_worker", "untrusted"),
        *("tls", "broken", "redirect", "redirect_away", "foreign", "blocked"),
        *("several", "not_offered", "other_database", "other_key"),
    }
    return set(findings) & subjects


def problems(findings):
    """Return the keys of warnings and errors, without the one of each test server: its
    address is private.
    """
    assert findings["private_allowed"]["state"] == "warning"
    return {
        key for key, line in findings.items() if line["state"] in ("warning", "error")
    } - {"private_allowed"}


# ------------------------------------------------------------
# Servers
# ------------------------------------------------------------


def test_a_server_without_the_lane(plain):
    # The template is old: first the cron job is late.
    wait_until(lambda: "job" in check(plain), 240)
    findings = check(plain)
    assert problems(findings) == set()
    assert {"reached", "no_lane", "no_geoip", "private_allowed", "queue"} <= set(
        findings
    )
    assert plain.url in findings["reached"]["title"]
    assert (
        "server_wide_modules = base,rpc,web,pipeline_tracking"
        in (findings["no_lane"]["remedy"])
    )


@pytest.mark.parametrize("options", [[], ["--workers=2"]], ids=["threads", "workers"])
def test_a_server_with_the_lane(odoo, options):
    with serving(odoo, LANE, *options):
        wait_until(lambda: "job" in check(odoo), 240)
        findings = check(odoo)
        assert problems(findings) == set()
        assert {"reached", "lane"} <= set(findings)


def test_one_worker_cannot_answer_itself(odoo):
    with serving(odoo, "--workers=1"):
        assert findings_of_address(check(odoo)) == {"timeout_one_worker"}


def test_two_databases_on_a_host(odoo):
    """With the lane, the token contains the name of the database."""
    with live_odoo() as other:
        filtered = f"--db-filter=^({odoo.name}|{other.name})$"
        with serving(odoo, filtered):
            findings = check(odoo)
            assert findings_of_address(findings) == {"several"}
            assert f"dbfilter = ^{odoo.name}$" in findings["several"]["remedy"]
        # XML-RPC requests have no cookie either
        with serving(odoo, "--load=base,rpc,web,pipeline_tracking", filtered):
            assert findings_of_address(check(odoo)) == {"reached"}


def test_another_database(plain):
    """A copy of the database has the same keys, but another name."""
    with live_odoo() as copy, copy.server():
        findings = check(plain, copy.url)
        assert findings_of_address(findings) == {"other_database"}
        assert copy.name in findings["other_database"]["title"]
        copy.call("res.users", "read", [2], ["name"])
        copy.shell('env["trackable.key"].search([]).secret = "x" * 64\nenv.cr.commit()')
        with copy.server():
            assert findings_of_address(check(plain, copy.url)) == {"other_key"}


def test_cron_jobs_that_do_not_run():
    """The test has its own database. Other tests keep a server of the shared database,
    whose cron thread would run the late job.
    """
    with live_odoo() as odoo:
        allow_private(odoo)
        with odoo.server(NO_CRON):
            odoo.query(
                "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'utc' "
                "- interval '20 min' RETURNING 1"
            )
            findings = check(odoo)
            assert problems(findings) == {"no_threads"}
            assert "20 minutes" in findings["no_threads"]["title"]
            cron_id = odoo.call(
                "ir.cron",
                "search",
                [("cron_name", "ilike", "process opens and clicks")],
            )
            odoo.call("ir.cron", "write", cron_id, {"active": False})
            assert problems(check(odoo)) == {"job_off"}


# ------------------------------------------------------------
# Proxies and other programs
# ------------------------------------------------------------


def test_a_proxy_that_does_not_know_our_urls(plain):
    def answer(handler):
        if handler.path.startswith("/t/"):
            return reply(handler, 404, b"<h1>nginx</h1>")
        return pass_on(plain.url)(handler)

    with proxy_server(answer) as proxy:
        findings = check(plain, proxy.url)
        assert findings_of_address(findings) == {"blocked"}
        assert "404" in findings["blocked"]["title"]
        assert "location /t/" in findings["blocked"]["remedy"]


@pytest.mark.parametrize(
    ("status", "body"), [(404, b""), (502, b"{}"), (200, b"GIF89a")]
)
def test_another_program_answers(plain, status, body):
    with proxy_server(lambda handler: reply(handler, status, body)) as proxy:
        findings = check(plain, proxy.url)
        assert findings_of_address(findings) == {"foreign"}


def test_a_redirect_is_reported_but_not_followed(plain):
    with proxy_server(lambda handler: reply(handler, 200, b"secret")) as target:
        for path, key in (("/t/check.gif", "redirect"), ("/login", "redirect_away")):
            location = f"{target.url}{path}"
            with proxy_server(
                lambda h, to=location: reply(h, 302, Location=to)
            ) as proxy:
                findings = check(plain, proxy.url)
                assert findings_of_address(findings) == {key}
                assert location in findings[key]["title"]
        assert target.asked == []


def test_an_untrusted_certificate(plain, tmp_path):
    with proxy_server(pass_on(plain.url), certificate=self_signed(tmp_path)) as proxy:
        findings = check(plain, proxy.url)
        assert findings_of_address(findings) == {"untrusted"}
        assert "signed certificate" in findings["untrusted"]["title"]
        assert proxy.asked == [], "the proxy receives no token"


def test_unreachable_addresses(plain):
    with proxy_server(lambda handler: reply(handler, 200)) as proxy:
        assert findings_of_address(
            check(plain, proxy.url.replace("http:", "https:"))
        ) == {"tls"}
    assert findings_of_address(check(plain, proxy.url)) == {"refused"}
    assert findings_of_address(check(plain, "https://odoo.invalid")) == {"dns"}
    assert findings_of_address(check(plain, "http://[")) == {"broken"}


def test_a_server_that_does_not_answer(plain):
    with proxy_server(lambda handler: time.sleep(7)) as proxy:
        assert findings_of_address(check(plain, proxy.url)) == {"timeout"}


def test_a_tracking_domain_is_checked_too(plain):
    company = [1]
    plain.call("res.company", "write", company, {"tracking_domain": "links.invalid"})
    findings = check(plain)
    plain.call("res.company", "write", company, {"tracking_domain": False})
    assert findings_of_address(findings) == {"reached", "dns"}
    assert "links.invalid" in findings["dns"]["title"]


def test_headers_of_a_proxy(odoo):
    with serving(odoo):
        with proxy_server(pass_on(odoo.url, **FORWARDED)) as proxy:
            findings = check(odoo, proxy.url)
            assert problems(findings) - {"job_late"} == {"no_proxy_mode"}
            assert "proxy_mode = True" in findings["no_proxy_mode"]["remedy"]
        with proxy_server(pass_on(odoo.url)) as proxy:
            assert problems(check(odoo, proxy.url)) <= {"job_late"}
    with serving(odoo, PROXY):
        for missing, key in (
            (None, None),
            ("X_Forwarded_Host", "no_forwarded_host"),
            ("X_Forwarded_For", "no_forwarded_for"),
        ):
            headers = {name: FORWARDED[name] for name in FORWARDED if name != missing}
            with proxy_server(pass_on(odoo.url, **headers)) as proxy:
                findings = check(odoo, proxy.url)
                assert problems(findings) - {"job_late"} == {key} - {None}
                assert findings_of_address(findings) == {"reached"}


# ------------------------------------------------------------
# The URL of the self-test
# ------------------------------------------------------------


def sign(odoo, kind=tracking_token.CHECK, age=0, secret=None):
    key_id = max(odoo.keys)
    check_token = tracking_token.Token(kind, int(time.time() - age), 7, 1, 1)
    return tracking_token.sign(check_token, key_id, secret or odoo.keys[key_id])


@pytest.mark.parametrize("lane", [[], [LANE]], ids=["controllers", "lane"])
def test_requests_without_a_valid_token_learn_nothing(odoo, lane):
    with serving(odoo, NO_CRON, *lane):
        status, _reason, headers, body = request(odoo.url, f"/t/{sign(odoo)}.check")
        assert status == 200
        assert "Set-Cookie" not in headers
        assert headers["Cache-Control"] == "no-store, private"
        description = json.loads(body)
        assert (description["database"], description["has_lane"]) == (
            odoo.name,
            bool(lane),
        )
        assert description["request"]["client"] == "127.0.0.1"

        bodies = set()
        for text in (
            "x",
            sign(odoo, age=70),
            sign(odoo, age=-70),
            sign(odoo, kind=tracking_token.LINK),
            sign(odoo, kind=tracking_token.OPEN),
            sign(odoo, secret=b"?" * 64),
            sign(odoo) + "A",
        ):
            status, _reason, headers, body = request(odoo.url, f"/t/{text}.check")
            assert (status, "Set-Cookie" in headers) == (404, False)
            assert odoo.name.encode() not in body
            bodies.add(body)
        assert len(bodies) == 1
        # The token opens no other URL.
        for path in (sign(odoo), f"{sign(odoo)}.gif"):
            answered = requests.get(f"{odoo.url}/t/{path}", timeout=30)
            assert answered.status_code == (200 if path.endswith("gif") else 404)
        answered = requests.post(f"{odoo.url}/t/{sign(odoo)}.check", timeout=30)
        assert answered.status_code == 405
    assert odoo.query("SELECT count(*) FROM trackable_hit") == [(0,)]
