"""Detect programs by what several requests for one email reveal: scans of the links,
scans across emails, links that are checked before they are followed, and the decoy
link.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import timedelta

from .actors import MACHINE, OPEN, RECIPIENT, Classification
from .bursts import (
    LinkRequest,
    OpenRequest,
    find_bursts,
    find_slow_scans,
    is_early_image,
    is_image_near_burst,
)
from .classify import (
    AT_DELIVERY,
    BROWSERS,
    BURST,
    CHECKED_FIRST,
    DECOY,
    HEAD,
    MANY_EMAILS,
    SLOW_SCANNED,
    can_belong_to_burst,
)
from .crowded_spans import is_in_spans
from .email_requests import can_change, is_persons_open

# docs/field.md#clicks: a scanner checks a link with HEAD, and then follows it.
CHECK_PAUSE = timedelta(minutes=1)
# A program that shows itself, by the decoy link or by a scan of many emails, makes its
# other requests within this time before or after: long enough for a scan, and too short
# for a person behind the same address.
EXPOSURE_TIME = timedelta(minutes=1)


def find_scans(requests, link_count, sent_at):
    """Classify requests that belong to a scan as a machine's.

    :param list[EmailRequest] requests: oldest first
    :param int link_count: number of distinct links in the email, without the decoy link
    :param datetime | None sent_at: when the email was sent, if known
    :return: a classification for each request
    :rtype: list[Classification]
    """
    link_requests = [
        LinkRequest(
            request.occurred_at,
            request.link,
            request.client[:2],
            request.link == DECOY,
            request.client.network,
        )
        for request in requests
        if request.kind != OPEN
        and not request.continues
        and can_belong_to_burst(request.classification)
    ]
    exposed = _find_exposed_clients(requests)
    opens, early_opens = [], []
    for request in requests:
        if request.kind != OPEN or _find_exposure(request, exposed):
            continue
        opened = OpenRequest(request.occurred_at, request.client.network)
        if is_persons_open(request, request.classification, sent_at):
            opens.append(opened)
        elif request.classification.actor == RECIPIENT:
            early_opens.append(opened)
    bursts = find_bursts(link_requests, link_count, opens, early_opens, sent_at)
    slow_scans = find_slow_scans(
        [request for request in link_requests if not request.is_decoy], link_count
    )
    checks = _find_checks(requests)

    # Only the start of a scan matters for the image before it.
    ordered_scans = sorted(span for spans in slow_scans.values() for span in spans)

    def find_reason(request):
        exposure = _find_exposure(request, exposed)
        if exposure:
            return exposure
        occurred_at = request.since or request.occurred_at
        is_in_slow_scan = any(
            is_in_spans(slow_scans.get(client, ()), occurred_at)
            for client in (None, request.client[:2])
        )
        if request.kind == OPEN:
            if is_image_near_burst(bursts, occurred_at, sent_at):
                return BURST
            if is_in_slow_scan or is_early_image(ordered_scans, occurred_at, sent_at):
                return SLOW_SCANNED
            return CHECKED_FIRST if _was_checked(request, checks) else None
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


def _find_exposed_clients(requests):
    """Return when clients showed that they are programs. Their other requests for this
    email near that time are programs', too.

    A client whose network is not known is left out: people with the same program look
    alike.

    :return: reason, network and program -> times, oldest first
    :rtype: dict[tuple, list[datetime]]
    """
    exposed = defaultdict(list)
    for request in requests:
        if not request.client.network:
            continue
        if request.link == DECOY:
            exposed[(DECOY, *request.client[:2])].append(request.occurred_at)
        if request.is_scan and can_change(request.kind, request.classification):
            exposed[(MANY_EMAILS, *request.client[:2])].append(request.occurred_at)
    return exposed


def _find_exposure(request, exposed):
    """Return the reason why the client of a request is a program, or None.

    :param dict exposed: from `_find_exposed_clients`
    """
    if request.is_scan:
        return MANY_EMAILS
    for reason in (DECOY, MANY_EMAILS):
        times = exposed.get((reason, *request.client[:2]), ())
        position = bisect_left(times, request.occurred_at - EXPOSURE_TIME)
        if (
            position < len(times)
            and times[position] <= request.occurred_at + EXPOSURE_TIME
        ):
            return reason
    return None


def _find_checks(requests):
    """Return the times of HEAD requests for links.

    :return: link, network and program -> times, oldest first; the link None has the
        times of all links
    :rtype: dict[tuple, list[datetime]]
    """
    checks = defaultdict(list)
    for request in requests:
        if request.kind != OPEN and request.classification.reason == HEAD:
            for link in (request.link, None):
                checks[(link, *request.client[:2])].append(request.occurred_at)
    return checks


def _was_checked(request, checks):
    """Return whether the same client checked the link shortly before, or any link if
    this is a request for the image. Office programs check a link when a person follows
    it.
    """
    if request.classification.reason not in (*BROWSERS, AT_DELIVERY):
        return False
    link = None if request.kind == OPEN else request.link
    times = checks.get((link, *request.client[:2]), ())
    position = bisect_right(times, request.occurred_at)
    return bool(position) and request.occurred_at - times[position - 1] <= CHECK_PAUSE
