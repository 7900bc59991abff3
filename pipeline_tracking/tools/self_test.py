"""The self-test: from what is known of a server, what an administrator is to act on.

A finding is a key, which the words to it are found by, a state, and what those words
are to name.
"""

from dataclasses import dataclass, field

from . import address, request_info, responses
from .hit_hold_sql import LATE_SECONDS

OK, NOTICE, WARNING, ERROR = STATES = ("ok", "notice", "warning", "error")

# The path of an image that is there whatever its token is.
ANY_IMAGE = f"{responses.PREFIX}check{responses.IMAGE_SUFFIX}"

# Why there was no answer.
DNS = "dns"
REFUSED = "refused"
TIMEOUT = "timeout"
UNTRUSTED = "untrusted"
TLS = "tls"
BROKEN = "broken"


@dataclass(frozen=True)
class Probe:
    """What came of asking for tracked URLs, as a recipient's mail client does.

    :param str failure: why there was no answer, or ""
    :param str detail: what else is known of that
    :param int status: of the last answer
    :param str location: where it redirects to, or ""
    :param bool is_image: a tracked image came back: ``/t/`` leads to this module
    :param bool is_odoo: an Odoo answered
    :param dict check: what the self-test's own address answered; empty where it did not
        take the token for its own
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
    """An address that tracked URLs have.

    :param str url: without a slash at the end
    :param Probe probe:
    :param tuple[str] databases: that Odoo offers this host
    """

    url: str
    probe: Probe
    databases: tuple = ()


@dataclass(frozen=True)
class Job:
    """The job that processes hits.

    :param bool is_there: no administrator deleted it
    :param bool is_active:
    :param int threads: for jobs, in each server process that has some
    :param float overdue: seconds since it should have run
    """

    is_there: bool
    is_active: bool
    threads: int
    overdue: float


@dataclass(frozen=True)
class Facts:
    """What the self-test judges.

    :param tuple[Address] addresses: the company's tracking domain, Odoo's own
    :param str database: this one's name
    :param bool is_private_allowed: an address that customers cannot reach is tracked
    :param bool is_frozen: Odoo leaves its base URL alone
    :param bool is_neutralized: it is a copy for tests
    :param bool is_allowed: the company's emails are tracked
    :param dict own_request: of the administrator, from `request_info.describe_proxy`;
        or empty
    :param bool has_proxy_mode: Odoo trusts what proxies say
    :param bool has_lane: the module is one of the server-wide ones
    :param int workers: processes that answer requests; 0: threads of one
    :param Job job:
    :param int waiting: hits that are due
    :param float oldest: seconds for which the oldest of them was due
    :param int set_aside: hits
    :param bool has_geoip: Odoo can tell the place of an address
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
    """What there is to say of a server, the worst first. Each subject that is all right
    is said to be.

    :param Facts facts:
    :rtype: list[Finding]
    """
    found = []
    for one in facts.addresses:
        found += _judge_address(one, facts)
    found += _judge_settings(facts)
    found += _judge_proxy(facts)
    found += _judge_lane(facts)
    found.append(_judge_job(facts.job, facts.oldest))
    found += _judge_queue(facts)
    found.append(
        Finding("geoip", OK) if facts.has_geoip else Finding("no_geoip", NOTICE)
    )
    return sorted(found, key=lambda finding: -STATES.index(finding.state))


def _judge_address(one, facts):
    values = {"url": one.url}
    is_public = address.is_public_url(one.url)
    if not is_public and facts.is_private_allowed:
        yield Finding("private_allowed", NOTICE, values)
    elif not is_public:
        yield Finding("private", ERROR, values)
    elif one.url.lower().startswith("http:"):
        yield Finding("not_https", WARNING, values)
    yield _judge_probe(one, facts)


def _judge_probe(one, facts):
    probe, values = one.probe, {"url": one.url}
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
    return _judge_database(one, facts)


def _judge_database(one, facts):
    """Of an address at which an Odoo answers: is it this database?"""
    values = {"url": one.url, "host": address.get_host(one.url)}
    values["database"] = facts.database
    if one.probe.check:
        found = str(one.probe.check.get("database"))
        if found != facts.database:
            return Finding("other_database", ERROR, {**values, "found": found})
        return Finding("reached", OK, values)
    if facts.database not in one.databases:
        return Finding("not_offered", ERROR, values)
    if len(one.databases) > 1 and not facts.has_lane:
        return Finding("several", ERROR, {**values, "count": len(one.databases)})
    if not one.probe.is_image:
        return Finding("blocked", ERROR, {**values, "status": one.probe.status})
    return Finding("other_key", ERROR, values)


def _judge_settings(facts):
    if not facts.is_frozen:
        yield Finding("not_frozen", NOTICE)
    if facts.is_neutralized:
        yield Finding("neutralized", WARNING)
    if not facts.is_allowed:
        yield Finding("not_allowed", NOTICE)


def _judge_proxy(facts):
    """Of all the requests we know, each fault once."""
    asked = [_read_request(one.probe.check) for one in facts.addresses]
    if facts.own_request:
        asked.append(facts.own_request)
    faults = {
        finding.key: finding
        for request in filter(None, asked)
        for finding in [_judge_request(request, facts.has_proxy_mode)]
        if finding
    }
    faults = faults or {
        finding.key: finding for finding in [_judge_own_address(facts)] if finding
    }
    if faults:
        return list(faults.values())
    if not facts.own_request:
        return []
    return [Finding("trusted", OK, {"address": facts.own_request["address"]})]


def _read_request(check):
    """What an answer tells of the request; of anyone's answer, who knows."""
    request = check.get("request")
    if not isinstance(request, dict) or not isinstance(request.get("headers"), list):
        return {}
    return request


def _judge_request(request, has_proxy_mode):
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


def _judge_own_address(facts):
    """Of a request without any header of a proxy: did one hide who asked?"""
    request = facts.own_request
    hosts = {
        address.get_host(one.url)
        for one in facts.addresses
        if address.is_public_url(one.url)
    }
    if not request or request["headers"] or request["host"] not in hosts:
        return None
    if address.is_public_address(request["address"]):
        return None
    return Finding("private_client", WARNING, {"address": request["address"]})


def _judge_lane(facts):
    if not facts.has_lane:
        return [Finding("no_lane", NOTICE)]
    passed = [
        one.url
        for one in facts.addresses
        if one.probe.check and not one.probe.check.get("has_lane")
    ]
    if passed:
        return [Finding("lane_passed", NOTICE, {"url": passed[0]})]
    return [Finding("lane", OK)]


def _judge_job(job, oldest):
    if not job.is_there:
        return Finding("job_gone", ERROR)
    if not job.is_active:
        return Finding("job_off", ERROR)
    # Without threads here, another server may run it.
    since = max(job.overdue, oldest)
    if job.threads <= 0 and since > LATE_SECONDS:
        return Finding("no_threads", ERROR, {"age": since})
    if job.overdue > LATE_SECONDS:
        return Finding("job_late", ERROR, {"age": job.overdue})
    return Finding("job", OK)


def _judge_queue(facts):
    waiting = {"count": facts.waiting, "age": facts.oldest}
    if facts.waiting and facts.oldest > LATE_SECONDS:
        yield Finding("backlog", ERROR, waiting)
    else:
        yield Finding("queue", OK, waiting)
    if facts.set_aside:
        yield Finding("set_aside", WARNING, {"count": facts.set_aside})
    else:
        yield Finding("none_set_aside", OK)
