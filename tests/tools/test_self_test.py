"""tools/self_test: find each fault, without reporting other faults."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.models.administration import (
    self_test_texts,
)
from odoo.addons.pipeline_tracking.tools import request_info, tracking_token
from odoo.addons.pipeline_tracking.tools.self_test import (
    ERROR,
    NOTICE,
    OK,
    WARNING,
    Address,
    Facts,
    Finding,
    Job,
    Probe,
    evaluate,
    summarize,
)

FINDING_TEXTS = self_test_texts.FINDING_TEXTS
SUMMARY_TEXTS = self_test_texts.SUMMARY_TEXTS
URL = "https://odoo.acme.example.com"
DATABASE = "acme"
FORWARDED = ["X-Forwarded-For", "X-Forwarded-Host"]
PUBLIC_IP = "9.9.9.9"
REQUEST = {
    "host": "odoo.acme.example.com",
    "address": PUBLIC_IP,
    "client": PUBLIC_IP,
    "headers": FORWARDED,
    "is_trusted": True,
}
CHECK = {"database": DATABASE, "has_lane": True, "request": REQUEST}
PROBE = Probe(status=200, is_image=True, is_odoo=True, check=CHECK)
ADDRESS = Address(URL, PROBE, (DATABASE,))
JOB = Job(is_there=True, is_active=True, threads=2, overdue=-30)
HEALTHY = Facts(
    addresses=(ADDRESS,),
    database=DATABASE,
    is_private_allowed=False,
    is_frozen=True,
    is_neutralized=False,
    is_allowed=True,
    own_request=REQUEST,
    has_proxy_mode=True,
    has_lane=True,
    workers=4,
    job=JOB,
    waiting=3,
    oldest=5,
    set_aside=0,
    has_geoip=True,
)
SUBJECTS = {
    *("reached_over_https", "trusted", "lane", "job", "queue", "none_set_aside"),
    "geoip",
}


def at(url=URL, databases=(DATABASE,), **probe):
    """Return facts with one address, whose probe differs."""
    return {"addresses": (Address(url, replace(PROBE, **probe), databases),)}


def behind_domain(url, **probe):
    """Return facts with a public tracking domain, and another address of Odoo."""
    return {"addresses": (ADDRESS, Address(url, replace(PROBE, **probe), (DATABASE,)))}


def asked(**values):
    return {"own_request": {**REQUEST, **values}}


def job(**values):
    return {"job": replace(JOB, **values)}


NO_CHECK = {"check": {}}
BLOCKED = {"check": {}, "is_image": False, "status": 404}
FAULTS = [
    ("private", ERROR, at("https://10.0.0.7")),
    ("private", ERROR, at("")),
    ("private", ERROR, at("http://[")),
    ("private_allowed", WARNING, at("http://localhost") | {"is_private_allowed": True}),
    ("private_behind_domain", NOTICE, behind_domain("http://10.0.0.7:8069")),
    ("private_behind_domain", NOTICE, behind_domain("http://odoo", failure="dns")),
    ("not_https", WARNING, at("http://odoo.acme.example.com")),
    ("not_frozen", NOTICE, {"is_frozen": False}),
    ("neutralized", WARNING, {"is_neutralized": True}),
    ("not_allowed", NOTICE, {"is_allowed": False}),
    *(
        (failure, ERROR, at(failure=failure, detail="why"))
        for failure in ("dns", "refused", "timeout", "untrusted", "tls", "broken")
    ),
    ("timeout_one_worker", WARNING, at(failure="timeout") | {"workers": 1}),
    ("redirect", WARNING, at(location="https://a.b.example.com/t/check.gif?x")),
    ("redirect_away", ERROR, at(location="/web/login?redirect=/t/check.gif")),
    ("foreign", ERROR, at(**BLOCKED, is_odoo=False)),
    ("blocked", ERROR, at(**BLOCKED)),
    ("several", ERROR, at(databases=("a", DATABASE), **BLOCKED) | {"has_lane": False}),
    ("several", ERROR, at(databases=("a", DATABASE), **NO_CHECK) | {"has_lane": False}),
    ("not_offered", ERROR, at(databases=("a",), **NO_CHECK)),
    ("other_database", ERROR, at(check={**CHECK, "database": "copy"})),
    ("other_database", ERROR, at(check={"has_lane": True})),
    ("other_key", ERROR, at(**NO_CHECK)),
    ("other_key", ERROR, at(databases=("a", DATABASE), **NO_CHECK)),
    ("no_proxy_mode", ERROR, {"has_proxy_mode": False}),
    ("no_forwarded_host", ERROR, asked(headers=["X-Forwarded-For"])),
    ("no_forwarded_for", ERROR, asked(headers=["X-Forwarded-Host"])),
    ("private_client", WARNING, asked(headers=[], address="172.17.0.1")),
    ("no_lane", NOTICE, {"has_lane": False}),
    ("lane_passed", NOTICE, at(check={**CHECK, "has_lane": False})),
    ("job_gone", ERROR, job(is_there=False)),
    ("job_off", ERROR, job(is_active=False)),
    ("no_threads", ERROR, job(threads=0, overdue=601)),
    ("no_threads", ERROR, job(threads=0) | {"oldest": 601}),
    ("job_late", ERROR, job(overdue=601)),
    ("backlog", ERROR, {"oldest": 601}),
    ("set_aside", WARNING, {"set_aside": 2}),
    ("no_geoip", NOTICE, {"has_geoip": False}),
]


def find_faults(facts):
    return {
        (finding.key, finding.state)
        for finding in evaluate(facts)
        if finding.state != OK
    }


def test_a_server_without_faults():
    assert {finding.key for finding in evaluate(HEALTHY)} == SUBJECTS
    assert {finding.state for finding in evaluate(HEALTHY)} == {OK}


@pytest.mark.parametrize(
    ("key", "state", "changes"), FAULTS, ids=[fault[0] for fault in FAULTS]
)
def test_each_fault_has_its_finding(key, state, changes):
    """The self-test reports the fault, and only faults that always come with it."""
    others = {("no_lane", NOTICE)} if changes.get("has_lane") is False else set()
    others |= {("backlog", ERROR)} if changes.get("oldest") else set()
    assert find_faults(replace(HEALTHY, **changes)) - others | {(key, state)} == {
        (key, state)
    }
    assert (key, state) in find_faults(replace(HEALTHY, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"own_request": {}},  # the self-test runs in a script
        # in the office, at another host name; a server without a proxy
        asked(headers=[], address="10.0.0.9", host="odoo:8069"),
        asked(headers=[], address=PUBLIC_IP),
        asked(address="10.0.0.9"),
        # another server runs the cron jobs
        job(threads=0),
        {"oldest": 0, "waiting": 0},
        {"oldest": 600, "waiting": 1},
        at(databases=("a", DATABASE)),  # the lane selects the database
        {
            "has_proxy_mode": False,
            **asked(headers=[]),
            **at(check={**CHECK, "request": 1}),
        },
    ],
)
def test_configurations_without_a_fault(changes):
    assert find_faults(replace(HEALTHY, **changes)) == set()


def test_the_worst_finding_comes_first():
    second = replace(ADDRESS, url="https://links.acme.example.com")
    findings = evaluate(
        replace(
            HEALTHY,
            addresses=(ADDRESS, replace(second, probe=Probe(failure="dns"))),
            set_aside=1,
            has_geoip=False,
        )
    )
    assert [finding.state for finding in findings[:3]] == [ERROR, WARNING, NOTICE]
    assert findings[0] == Finding("dns", ERROR, {"url": second.url, "detail": ""})
    assert [
        finding.values["url"]
        for finding in findings
        if finding.key == "reached_over_https"
    ] == [URL]


def test_every_finding_has_texts():
    """A fault has three texts, and other findings have one."""
    keys = {key for key, _state, _changes in FAULTS} | SUBJECTS | {"reached"}
    assert keys == set(FINDING_TEXTS)
    for key, _state, changes in [*FAULTS, ("", "", {})]:
        for finding in evaluate(replace(HEALTHY, **changes)):
            texts = [str(text) % finding.values for text in FINDING_TEXTS[finding.key]]
            assert len(texts) == (1 if finding.state == OK else 3), key
            assert all(texts)


@pytest.mark.parametrize("url", [URL, "http://odoo.acme.example.com"])
def test_only_https_is_said_to_be_https(url):
    findings = evaluate(replace(HEALTHY, **at(url)))
    titles = [
        str(FINDING_TEXTS[finding.key][0]) % finding.values for finding in findings
    ]
    (reached,) = [title for title in titles if "reaches this database" in title]
    assert ("HTTPS" in reached) == url.startswith("https:")
    assert not [title for title in titles if "safe" in title]


# ------------------------------------------------------------
# The summary
# ------------------------------------------------------------

PRIVATE = at("https://10.0.0.7")
SUMMARIES = [
    ({}, OK, "Email tracking works"),
    ({"has_geoip": False}, OK, "Email tracking works"),
    ({"set_aside": 2}, WARNING, "Email tracking works, with 1 warning"),
    (
        {"set_aside": 2, "is_neutralized": True, "has_geoip": False},
        WARNING,
        "Email tracking works, with 2 warnings",
    ),
    (
        at("http://odoo.acme.example.com"),
        WARNING,
        "Email tracking works, with 1 warning",
    ),
    (PRIVATE, ERROR, "Emails are not tracked: 1 problem"),
    (
        PRIVATE | job(is_there=False) | {"set_aside": 2},
        ERROR,
        "Emails are not tracked: 2 problems",
    ),
    (
        job(is_there=False),
        ERROR,
        "Email tracking does not work properly: 1 problem",
    ),
    (
        job(is_there=False) | {"has_proxy_mode": False},
        ERROR,
        "Email tracking does not work properly: 2 problems",
    ),
    (
        PRIVATE | {"is_private_allowed": True},
        WARNING,
        "Email tracking works for tests only",
    ),
    (behind_domain("http://odoo", failure="dns"), OK, "Email tracking works"),
    ({"is_allowed": False}, NOTICE, "Email tracking is off"),
    (
        PRIVATE | {"is_allowed": False, "set_aside": 2},
        NOTICE,
        "Email tracking is off",
    ),
]


@pytest.mark.parametrize(
    ("changes", "state", "text"), SUMMARIES, ids=[text for *_, text in SUMMARIES]
)
def test_the_summary_of_the_findings(changes, state, text):
    summary = summarize(evaluate(replace(HEALTHY, **changes)))
    assert summary.state == state
    assert str(SUMMARY_TEXTS[summary.key]) % summary.values == text


def test_every_summary_has_a_test():
    summaries = [
        summarize(evaluate(replace(HEALTHY, **changes))) for changes, *_ in SUMMARIES
    ]
    assert {summary.key for summary in summaries} == set(SUMMARY_TEXTS)


@given(st.sets(st.sampled_from([*FINDING_TEXTS])), st.data())
def test_the_summary_is_never_better_than_a_finding(keys, data):
    findings = [
        Finding(key, data.draw(st.sampled_from([ERROR, WARNING, NOTICE, OK])))
        for key in keys
    ]
    summary = summarize(findings)
    states = {finding.state for finding in findings}
    assert str(SUMMARY_TEXTS[summary.key]) % summary.values
    if "not_allowed" in keys:
        assert summary.state == NOTICE
    elif ERROR in states:
        assert summary.state == ERROR
    elif WARNING in states:
        assert summary.state == WARNING


def test_no_finding_claims_that_emails_are_tracked_while_tracking_is_off():
    for _key, _state, changes in FAULTS:
        findings = evaluate(replace(HEALTHY, **{**changes, "is_allowed": False}))
        texts = " ".join(
            str(text) % finding.values
            for finding in findings
            for text in FINDING_TEXTS[finding.key]
        )
        assert "emails are tracked" not in texts
        assert "are stored, but users" not in texts


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["database", "has_lane", "request", "headers", "host", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
)
probes = st.builds(
    Probe,
    failure=st.sampled_from(["", "", "", "dns", "timeout"]),
    detail=st.text(),
    status=st.integers(100, 599),
    location=st.just("") | st.text(),
    is_image=st.booleans(),
    is_odoo=st.booleans(),
    check=anything.filter(lambda answer: isinstance(answer, dict)),
)


@given(st.text() | st.just(URL), probes, st.booleans(), st.integers(0, 2))
def test_any_answer_leads_to_a_finding(url, probe, has_lane, workers):
    """Each address has a finding about reaching it, and no answer is an error."""
    facts = replace(
        HEALTHY,
        addresses=(Address(url, probe, (DATABASE,)),),
        has_lane=has_lane,
        workers=workers,
    )
    findings = evaluate(facts)
    for finding in findings:
        assert all(str(text) % finding.values for text in FINDING_TEXTS[finding.key])
    keys = {finding.key for finding in findings}
    is_reached = bool(keys & {"reached", "reached_over_https"})
    is_valid = not probe.failure and not probe.location and probe.is_odoo
    assert is_reached == (is_valid and probe.check.get("database") == DATABASE)


# ------------------------------------------------------------
# Tokens of the self-test, and descriptions of requests
# ------------------------------------------------------------

KEY = b"k" * 64


@given(st.floats(0, 2**40), st.text(max_size=20))
def test_a_check_token_is_fresh_for_a_minute(now, database):
    text = tracking_token.sign(tracking_token.create_check_token(now, database), 1, KEY)
    check = tracking_token.verify(text, tracking_token.CHECK, {1: KEY})
    assert check.database == database == tracking_token.read_database_name(text)
    assert tracking_token.is_fresh(check, now) and tracking_token.is_fresh(
        check, now + 59
    )
    assert not tracking_token.is_fresh(check, now + 62)
    assert not tracking_token.is_fresh(check, now - 62)


def test_check_tokens_and_other_tokens_differ():
    signed = {
        kind: tracking_token.sign(
            tracking_token.Token(kind, int(time.time()), 7, 1, 1), 1, KEY
        )
        for kind in (tracking_token.OPEN, tracking_token.LINK, tracking_token.CHECK)
    }
    for kind, text in signed.items():
        for other in signed:
            if kind == other:
                assert tracking_token.verify(text, kind, {1: KEY})
            else:
                with pytest.raises(tracking_token.InvalidToken):
                    tracking_token.verify(text, other, {1: KEY})


def test_the_description_of_a_request():
    environ = {"HTTP_HOST": "a.example.com", "REMOTE_ADDR": PUBLIC_IP}
    assert request_info.describe_proxy(environ) == {
        "host": "a.example.com",
        "address": PUBLIC_IP,
        "client": PUBLIC_IP,
        "headers": [],
        "is_trusted": False,
    }
    behind = {**environ, "HTTP_X_FORWARDED_FOR": "1.2.3.4", "HTTP_FORWARDED": ""}
    described = request_info.describe_proxy(behind)
    assert (described["headers"], described["client"]) == (["X-Forwarded-For"], "")
    described = request_info.describe_proxy({**behind, "werkzeug.proxy_fix.orig": {}})
    assert (described["is_trusted"], described["client"]) == (True, PUBLIC_IP)
