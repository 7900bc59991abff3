"""The self-test: evaluate the known facts of a server into findings.

A finding has a key, a state, and the values that its texts contain. The texts are in
`models/administration/self_test_texts.py`, by key.
"""

from dataclasses import dataclass, field

from . import address, request_info, responses
from .hit_hold_sql import LATE_SECONDS

OK, NOTICE, WARNING, ERROR = STATES = ("ok", "notice", "warning", "error")

# Keys of summaries: emails to customers are tracked.
WORKING = ("works", "works_with_warning", "works_with_warnings")

# The path of an image that is served with any token.
ANY_IMAGE = f"{responses.PREFIX}check{responses.IMAGE_SUFFIX}"

# Failures: reasons why a request got no answer.
DNS = "dns"
REFUSED = "refused"
TIMEOUT = "timeout"
UNTRUSTED = "untrusted"
TLS = "tls"
BROKEN = "broken"


@dataclass(frozen=True)
class Probe:
    """The answers to requests for tracked URLs, as a mail client makes them.

    :param str failure: why there was no answer, or ""
    :param str detail: details of the failure
    :param int status: status code of the last answer
    :param str location: the URL that the last answer redirects to, or ""
    :param bool is_image: whether a tracked image came back: ``/t/`` leads to this
        module
    :param bool is_odoo: whether an Odoo answered
    :param dict check: the answer of the self-test's own URL; empty if the server
        did not accept the token
    """

    failure: str = ""
    detail: str = ""
    status: int = 0
    location: str = ""
    is_image: bool = False
    is_odoo: bool = False
    check: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Address:
    """A base URL that tracked URLs begin with.

    :param str url: without a slash at the end
    :param Probe probe:
    :param tuple[str] databases: names that Odoo offers to this host
    """

    url: str
    probe: Probe
    databases: tuple = ()


@dataclass(frozen=True)
class Job:
    """The cron job that processes hits.

    :param bool is_there: whether the job exists: an administrator can delete it
    :param bool is_active:
    :param int threads: number of cron threads of a server process (max_cron_threads)
    :param float overdue: seconds since the job should have run
    """

    is_there: bool
    is_active: bool
    threads: int
    overdue: float


@dataclass(frozen=True)
class Facts:
    """The facts that the self-test evaluates.

    :param tuple[Address] addresses: the company's tracking domain, and Odoo's base URL
    :param str database: name of this database
    :param bool is_private_allowed: whether emails are tracked although customers cannot
        reach the address
    :param bool is_frozen: whether Odoo never changes its base URL at a login
    :param bool is_neutralized: whether the database is a copy for tests
    :param bool is_allowed: whether the company's emails are tracked
    :param dict own_request: the administrator's request, from
        `request_info.describe_proxy`; or empty
    :param bool has_proxy_mode: whether Odoo trusts the headers of proxies
    :param bool has_lane: whether the module is among the server-wide modules
    :param int workers: processes that answer requests; 0: threads of a single process
    :param Job job:
    :param int waiting: number of hits that are due
    :param float oldest: seconds for which the oldest of them has been due
    :param int set_aside: number of hits that were set aside
    :param bool has_geoip: whether Odoo can find the place of an IP address
    """

    addresses: tuple
    database: str
    is_private_allowed: bool
    is_frozen: bool
    is_neutralized: bool
    is_allowed: bool
    own_request: dict
    has_proxy_mode: bool
    has_lane: bool
    workers: int
    job: Job
    waiting: int
    oldest: float
    set_aside: int
    has_geoip: bool


@dataclass(frozen=True)
class Finding:
    key: str
    state: str
    values: dict = field(default_factory=dict)


def evaluate(facts):
    """Evaluate the facts of a server. Each subject without a fault has a finding, too.

    :param Facts facts:
    :return: findings, the worst first
    :rtype: list[Finding]
    """
    findings = []
    for tracking_address in facts.addresses:
        findings += _check_address(tracking_address, facts)
    findings += _check_settings(facts)
    findings += _check_proxy(facts)
    findings += _check_lane(facts)
    findings.append(_check_job(facts.job, facts.oldest))
    findings += _check_queue(facts)
    findings.append(
        Finding("geoip", OK) if facts.has_geoip else Finding("no_geoip", NOTICE)
    )
    return sorted(findings, key=lambda finding: -STATES.index(finding.state))


def summarize(findings):
    """Summarize the findings of a server in one finding.

    :param list[Finding] findings: from `evaluate`
    :return: a finding whose texts are in `SUMMARY_TEXTS`, with the number of problems
        and warnings
    :rtype: Finding
    """
    keys = {finding.key for finding in findings}
    states = [finding.state for finding in findings]
    problems, warnings = states.count(ERROR), states.count(WARNING)
    values = {"problems": problems, "warnings": warnings}
    if "not_allowed" in keys:
        return Finding("off", NOTICE, values)
    if problems:
        key = "problem" if problems == 1 else "problems"
        is_untracked = "private" in keys
        return Finding(f"not_tracked_{key}" if is_untracked else key, ERROR, values)
    if "private_allowed" in keys:
        return Finding("tests_only", WARNING, values)
    if warnings:
        key = "works_with_warning" if warnings == 1 else "works_with_warnings"
        return Finding(key, WARNING, values)
    return Finding("works", OK, values)


def _check_address(tracking_address, facts):
    values = {"url": tracking_address.url}
    is_public = address.is_public_url(tracking_address.url)
    is_domain_public = address.is_public_url(facts.addresses[0].url)
    if not is_public and is_domain_public:
        # Tracked links lead to the tracking domain. Whether this server reaches its
        # private address does not matter to them.
        yield Finding("private_behind_domain", NOTICE, values)
        return
    if not is_public and facts.is_private_allowed:
        yield Finding("private_allowed", WARNING, values)
    elif not is_public:
        yield Finding("private", ERROR, values)
    elif tracking_address.url.lower().startswith("http:"):
        yield Finding("not_https", WARNING, values)
    yield _check_probe(tracking_address, facts)


def _check_probe(tracking_address, facts):
    probe, values = tracking_address.probe, {"url": tracking_address.url}
    if probe.failure == TIMEOUT and facts.workers == 1:
        return Finding("timeout_one_worker", WARNING, values)
    if probe.failure:
        return Finding(probe.failure, ERROR, {**values, "detail": probe.detail})
    if probe.location:
        values["location"] = probe.location
        is_detour = probe.location.partition("?")[0].endswith(ANY_IMAGE)
        return (
            Finding("redirect", WARNING, values)
            if is_detour
            else Finding("redirect_away", ERROR, values)
        )
    if not probe.is_odoo:
        return Finding("foreign", ERROR, {**values, "status": probe.status})
    return _check_database(tracking_address, facts)


def _check_database(tracking_address, facts):
    """Check whether the Odoo that answers at an address has this database."""
    values = {
        "url": tracking_address.url,
        "host": address.get_host(tracking_address.url),
    }
    values["database"] = facts.database
    if tracking_address.probe.check:
        other_database = str(tracking_address.probe.check.get("database"))
        if other_database != facts.database:
            values["other_database"] = other_database
            return Finding("other_database", ERROR, values)
        is_encrypted = tracking_address.url.lower().startswith("https:")
        return Finding("reached_over_https" if is_encrypted else "reached", OK, values)
    if facts.database not in tracking_address.databases:
        return Finding("not_offered", ERROR, values)
    if len(tracking_address.databases) > 1 and not facts.has_lane:
        return Finding(
            "several", ERROR, {**values, "count": len(tracking_address.databases)}
        )
    if not tracking_address.probe.is_image:
        return Finding(
            "blocked", ERROR, {**values, "status": tracking_address.probe.status}
        )
    return Finding("other_key", ERROR, values)


def _check_settings(facts):
    if not facts.is_frozen:
        yield Finding("not_frozen", NOTICE)
    if facts.is_neutralized:
        yield Finding("neutralized", WARNING)
    if not facts.is_allowed:
        yield Finding("not_allowed", NOTICE)


def _check_proxy(facts):
    """Check the proxies in front of all known requests; return each fault once."""
    requests = [
        _read_request(tracking_address.probe.check)
        for tracking_address in facts.addresses
    ]
    if facts.own_request:
        requests.append(facts.own_request)
    faults = {
        finding.key: finding
        for request in filter(None, requests)
        for finding in [_check_request(request, facts.has_proxy_mode)]
        if finding
    }
    faults = faults or {
        finding.key: finding for finding in [_check_own_address(facts)] if finding
    }
    if faults:
        return list(faults.values())
    if not facts.own_request:
        return []
    return [Finding("trusted", OK, {"address": facts.own_request["address"]})]


def _read_request(check):
    """Return the request that the answer of the self-test's URL describes, or {}: any
    program may have answered.
    """
    request = check.get("request")
    if not isinstance(request, dict) or not isinstance(request.get("headers"), list):
        return {}
    return request


def _check_request(request, has_proxy_mode):
    headers = request["headers"]
    if not headers:
        return None
    if not has_proxy_mode:
        return Finding("no_proxy_mode", ERROR, {"header": str(headers[0])})
    if request_info.HOST not in headers:
        return Finding("no_forwarded_host", ERROR)
    if request_info.FOR not in headers:
        return Finding("no_forwarded_for", ERROR)
    return None


def _check_own_address(facts):
    """Check whether a proxy that adds no header hides the address of the client."""
    request = facts.own_request
    hosts = {
        address.get_host(tracking_address.url)
        for tracking_address in facts.addresses
        if address.is_public_url(tracking_address.url)
    }
    if not request or request["headers"] or request["host"] not in hosts:
        return None
    if address.is_public_address(request["address"]):
        return None
    return Finding("private_client", WARNING, {"address": request["address"]})


def _check_lane(facts):
    if not facts.has_lane:
        return [Finding("no_lane", NOTICE)]
    bypassing_urls = [
        tracking_address.url
        for tracking_address in facts.addresses
        if tracking_address.probe.check
        and not tracking_address.probe.check.get("has_lane")
    ]
    if bypassing_urls:
        return [Finding("lane_passed", NOTICE, {"url": bypassing_urls[0]})]
    return [Finding("lane", OK)]


def _check_job(job, oldest):
    if not job.is_there:
        return Finding("job_gone", ERROR)
    if not job.is_active:
        return Finding("job_off", ERROR)
    # Without cron threads here, another server may run the job.
    since = max(job.overdue, oldest)
    if job.threads <= 0 and since > LATE_SECONDS:
        return Finding("no_threads", ERROR, {"age": since})
    if job.overdue > LATE_SECONDS:
        return Finding("job_late", ERROR, {"age": job.overdue})
    return Finding("job", OK)


def _check_queue(facts):
    waiting = {"count": facts.waiting, "age": facts.oldest}
    if facts.waiting and facts.oldest > LATE_SECONDS:
        yield Finding("backlog", ERROR, waiting)
    else:
        yield Finding("queue", OK, waiting)
    if facts.set_aside:
        yield Finding("set_aside", WARNING, {"count": facts.set_aside})
    else:
        yield Finding("none_set_aside", OK)
