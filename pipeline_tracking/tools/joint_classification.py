"""Classify the requests for one email together.

`classify` looks at one request. This module corrects its classifications by what
several requests reveal: scans of the links, scans across emails, links that are checked
before they are followed, doubled clicks, and signs that add up.

The result depends only on the set of requests, not on their order of arrival. Requests
further away than `MAX_DISTANCE` do not matter for a request.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict, namedtuple
from datetime import timedelta

from . import signs
from .actors import MACHINE, OPEN, RECIPIENT, UNKNOWN, Classification
from .bursts import (
    EARLY_IMAGE,
    HASTY_AFTER_OPEN,
    SLOW_SCAN,
    LinkRequest,
    find_bursts,
    find_slow_scans,
    is_early_image,
    is_image_near_burst,
    is_soon_after_sending,
)
from .classify import (
    AT_DELIVERY,
    BURST,
    CHECKED_FIRST,
    DIRECT,
    DOUBLED,
    EMAIL_CLIENTS,
    HEAD,
    MANY_EMAILS,
    NOT_PROVEN,
    SIGNS,
    SLOW_SCANNED,
    can_belong_to_burst,
)
from .crowded_spans import is_in_spans

# docs/field.md#clicks: a scanner checks a link with HEAD, and then follows it.
CHECK_PAUSE = timedelta(minutes=1)
# docs/field.md#clicks: a person clicks, and a scanner fetches the link again.
DOUBLE_PAUSE = timedelta(seconds=20)
# An open matters for the clicks that follow within this time. Later, the email client
# often has the image already, and does not request it again.
OPEN_PAUSE = timedelta(minutes=10)

# The distance within which requests matter for each other. The longest chain: an open
# makes later clicks a hasty person's, not a slow scan's, to which another open belongs,
# which matters for a later click.
MAX_DISTANCE = OPEN_PAUSE + EARLY_IMAGE + SLOW_SCAN + HASTY_AFTER_OPEN[1]

# `network`, `program`: identify the network and the user agent; "" if not known.
# `system`: name of the operating system, or "".
Client = namedtuple("Client", "network program system", defaults=("", "", ""))

# `confidence`: from `signs.GRADES`. `signs`: codes of `signs.SIGNS`, sorted.
Verdict = namedtuple("Verdict", "actor reason confidence signs")


# A request for the image, a link or a file of an email.
# `link`: any hashable value that identifies the link. `classification`: of the request
# by itself, from `classify`. `signs`: codes, from `classify.find_signs`. `client`: who
# made the request. `continues`: whether the request only continues a download. `since`:
# when the client began to request parts of the file at the pace of a burst; None if it
# did not. `is_scan`: whether the request belongs to a scan across emails.
EmailRequest = namedtuple(
    "EmailRequest",
    "occurred_at kind link classification signs client continues since is_scan",
    defaults=((), Client(), False, None, False),
)


def can_change(kind, classification):
    """Return whether other requests can change the classification of a request.

    :param str kind: the kind of the request's action
    :param Classification classification: of the request by itself
    :rtype: bool
    """
    if classification.reason == AT_DELIVERY:
        return True
    return classification.actor == RECIPIENT and (
        kind != OPEN or classification.reason == DIRECT
    )


def classify_together(requests, link_count, sent_at=None):
    """Classify the requests for one email.

    :param list[EmailRequest] requests: in any order
    :param int link_count: number of distinct links in the email
    :param datetime | None sent_at: when the email was sent, if known
    :return: a verdict for each request
    :rtype: list[Verdict]
    """
    positions = sorted(
        range(len(requests)), key=lambda position: _get_order(requests[position])
    )
    ordered = [requests[position] for position in positions]
    classifications = _find_scans(ordered, link_count, sent_at)
    _find_doubles(ordered, classifications)
    verdicts = _weigh(ordered, classifications, sent_at)
    verdict_by_position = dict(zip(positions, verdicts, strict=True))
    return [verdict_by_position[position] for position in range(len(requests))]


def _get_order(request):
    """Order requests by time. The kind and the reason order requests of the same time,
    so that the order of arrival does not matter.
    """
    return (request.occurred_at, request.kind, request.classification.reason)


# ------------------------------------------------------------
# Scans
# ------------------------------------------------------------


def _find_scans(requests, link_count, sent_at):
    """Classify requests that belong to a scan as a machine's.

    :return: a list of classifications
    """
    link_requests = [
        LinkRequest(request.occurred_at, request.link, request.client[:2])
        for request in requests
        if request.kind != OPEN
        and not request.continues
        and can_belong_to_burst(request.classification)
    ]
    opens = [
        request.occurred_at
        for request in requests
        if not request.is_scan and _is_persons_open(request, None, sent_at)
    ]
    bursts = find_bursts(link_requests, link_count, opens)
    slow_scans = find_slow_scans(link_requests, link_count)
    checks = _find_checks(requests)

    # Only the start of a scan matters for the image before it.
    ordered_scans = sorted(span for spans in slow_scans.values() for span in spans)

    def find_reason(request):
        if request.is_scan:
            return MANY_EMAILS
        occurred_at = request.since or request.occurred_at
        is_in_slow_scan = any(
            is_in_spans(slow_scans.get(client, ()), occurred_at)
            for client in (None, request.client[:2])
        )
        if request.kind == OPEN:
            if is_image_near_burst(bursts, occurred_at, sent_at):
                return BURST
            is_early = is_early_image(ordered_scans, occurred_at, sent_at)
            return SLOW_SCANNED if is_in_slow_scan or is_early else None
        if is_in_spans(bursts, occurred_at):
            return BURST
        if is_in_slow_scan:
            return SLOW_SCANNED
        return CHECKED_FIRST if _was_checked(request, checks) else None

    classifications = []
    for request in requests:
        classification = request.classification
        reason = can_change(request.kind, classification) and find_reason(request)
        classifications.append(
            Classification(MACHINE, reason) if reason else classification
        )
    return classifications


def _is_persons_open(request, classification, sent_at):
    """Return whether an open shows that a person has the email. Scanners also load the
    image, but soon after sending and without an email client.

    :param Classification | None classification: None: the classification of the request
        by itself
    """
    classification = classification or request.classification
    if request.kind != OPEN or classification.actor != RECIPIENT:
        return False
    return classification.reason != DIRECT or not is_soon_after_sending(
        request.occurred_at, sent_at
    )


def _find_checks(requests):
    """Return the times of HEAD requests.

    :return: link, network and program -> times, oldest first
    :rtype: dict[tuple, list[datetime]]
    """
    checks = defaultdict(list)
    for request in requests:
        if request.kind != OPEN and request.classification.reason == HEAD:
            key = (request.link, *request.client[:2])
            checks[key].append(request.occurred_at)
    return checks


def _was_checked(request, checks):
    """Return whether the same client checked the link shortly before."""
    times = checks.get((request.link, *request.client[:2]), ())
    position = bisect_right(times, request.occurred_at)
    return bool(position) and request.occurred_at - times[position - 1] <= CHECK_PAUSE


# ------------------------------------------------------------
# Doubled clicks
# ------------------------------------------------------------


def _find_doubles(requests, classifications):
    """Classify clicks that another network and program repeats as unknown.

    :param list[EmailRequest] requests: oldest first
    :param list[Classification] classifications: this function changes the list
    """
    last_clicks = {}  # link -> time and client of the recipient's last click
    for position, request in enumerate(requests):
        if request.kind == OPEN or classifications[position].actor != RECIPIENT:
            continue
        network, program, _system = request.client
        last = last_clicks.get(request.link)
        if (
            last
            and request.occurred_at - last.occurred_at <= DOUBLE_PAUSE
            and network
            and last.client.network not in ("", network)
            and last.client.program != program
        ):
            classifications[position] = Classification(UNKNOWN, DOUBLED)
        else:
            last_clicks[request.link] = request


# ------------------------------------------------------------
# Signs
# ------------------------------------------------------------


def _weigh(requests, classifications, sent_at):
    """Add up the signs of each request. First decide about links, because opens depend
    on the person's clicks.

    :param list[EmailRequest] requests: oldest first
    :param list[Classification] classifications: from the steps before
    :return: a list of verdicts
    """
    pairs = list(zip(requests, classifications, strict=True))
    opens = [
        request
        for request, classification in pairs
        if _is_persons_open(request, classification, sent_at)
    ]
    open_times = [request.occurred_at for request in opens]
    verdicts = [None] * len(pairs)
    used_at = []
    for position, (request, classification) in enumerate(pairs):
        if request.kind == OPEN:
            continue
        index = bisect_right(open_times, request.occurred_at) - 1
        last_open = opens[index] if index >= 0 else None
        verdict = _weigh_link(request, classification, last_open)
        verdicts[position] = verdict
        if verdict.actor == RECIPIENT and verdict.confidence != signs.LOW:
            used_at.append(request.occurred_at)
    for position, (request, classification) in enumerate(pairs):
        if request.kind != OPEN:
            continue
        index = bisect_left(used_at, request.occurred_at)
        found = request.signs
        if index < len(used_at) and used_at[index] - request.occurred_at <= OPEN_PAUSE:
            found = (*found, signs.USED_AFTER)
        verdicts[position] = _grade(request, classification, found)
    return verdicts


def _weigh_link(request, classification, last_open):
    """Weigh a click or a download.

    :param EmailRequest | None last_open: the person's last open before
    :rtype: Verdict
    """
    found = list(request.signs)
    if last_open and request.occurred_at - last_open.occurred_at <= OPEN_PAUSE:
        found.append(signs.OPENED_BEFORE)
        systems = {request.client.system, last_open.client.system} - {""}
        if len(systems) > 1:
            found.append(signs.OTHER_SYSTEM)
    else:
        found.append(signs.NOT_OPENED)
    if classification == (RECIPIENT, DIRECT):
        actor = signs.decide_actor(signs.get_score(found))
        if actor != RECIPIENT:
            classification = Classification(actor, SIGNS)
    return _grade(request, classification, found)


def _grade(request, classification, found):
    """Grade how sure a classification is.

    :param found: codes of signs
    :rtype: Verdict
    """
    actor, reason = classification
    is_email_client = request.kind == OPEN and reason in EMAIL_CLIENTS
    confidence = signs.grade(
        actor, signs.get_score(found, is_email_client), reason not in NOT_PROVEN
    )
    return Verdict(actor, reason, confidence, tuple(sorted(found)))
