"""Classify the requests for one email together.

`classify` looks at one request. This module corrects its classifications by what
several requests reveal: scans of the links, scans across emails, programs that follow
the decoy link, links that are checked before they are followed, doubled clicks, and
signs that add up.

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
    OpenRequest,
    find_bursts,
    find_slow_scans,
    is_early_image,
    is_image_near_burst,
    is_soon_after_sending,
)
from .classify import (
    AT_DELIVERY,
    BROWSERS,
    BURST,
    CHECKED_FIRST,
    DECOY,
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
# A program that shows itself, by the decoy link or by a scan of many emails, makes its
# other requests within this time before or after: long enough for a scan, and too short
# for a person behind the same address.
EXPOSURE_TIME = timedelta(minutes=1)
# docs/field.md#clicks: a person clicks, and a scanner fetches the link again.
DOUBLE_PAUSE = timedelta(seconds=20)
# A person needs more time to read an email and follow a link.
READING_TIME = timedelta(seconds=1)
# An open matters for the clicks that follow within this time. Later, the email client
# often has the image already, and does not request it again.
OPEN_PAUSE = timedelta(minutes=10)

# The distance within which requests matter for each other. The longest chain: a request
# for the decoy link makes an open a program's; otherwise, the open makes later clicks a
# hasty person's, not a slow scan's, to which another open belongs, which matters for a
# later click, which matters for the open before it.
MAX_DISTANCE = (
    EXPOSURE_TIME + 2 * OPEN_PAUSE + EARLY_IMAGE + SLOW_SCAN + HASTY_AFTER_OPEN[1]
)

# `network`, `program`: identify the network and the user agent; "" if not known.
# `system`: name of the operating system, or "".
Client = namedtuple("Client", "network program system", defaults=("", "", ""))

# `confidence`: from `signs.GRADES`. `signs`: codes of `signs.SIGNS`, sorted.
Verdict = namedtuple("Verdict", "actor reason confidence signs")


# A request for the image, a link or a file of an email.
# `link`: any hashable value that identifies the link; `DECOY` for the decoy link, if a
# program followed it. `classification`: of the request by itself, from `classify`.
# `signs`: codes, from `classify.find_signs`. `client`: who made the request.
# `continues`: whether the request only continues a download. `since`: when the client
# began to request parts of the file at the pace of a burst; None if it did not.
# `is_scan`: whether the request belongs to a scan across emails.
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
        kind != OPEN or classification.reason in BROWSERS
    )


def classify_together(requests, link_count, sent_at=None):
    """Classify the requests for one email.

    :param list[EmailRequest] requests: in any order
    :param int link_count: number of distinct links in the email, without the decoy link
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
        if _is_persons_open(request, request.classification, sent_at):
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


def _is_persons_open(request, classification, sent_at):
    """Return whether an open shows that a person has the email. Scanners also load the
    image, but soon after sending and without an email client.
    """
    if request.kind != OPEN or classification.actor != RECIPIENT:
        return False
    return classification.reason not in BROWSERS or not is_soon_after_sending(
        request.occurred_at, sent_at
    )


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


# ------------------------------------------------------------
# Doubled clicks
# ------------------------------------------------------------


def _find_doubles(requests, classifications):
    """Classify clicks as unknown that another network and program doubles. If the email
    was opened in one of the two networks, the person is there. Otherwise, the later
    click is not the person's.

    :param list[EmailRequest] requests: oldest first
    :param list[Classification] classifications: this function changes the list
    """
    opens = [
        request
        for request, classification in zip(requests, classifications, strict=True)
        if request.kind == OPEN and classification.actor == RECIPIENT
    ]
    last_positions = {}  # link -> position of the recipient's last click
    for position, request in enumerate(requests):
        if request.kind == OPEN or classifications[position].actor != RECIPIENT:
            continue
        last_position = last_positions.get(request.link)
        last_positions[request.link] = position
        if last_position is None:
            continue
        last = requests[last_position]
        if not _is_doubled(request, last):
            continue
        last_open = _find_last(opens, last)
        if last_open and last_open.client.network == request.client.network:
            classifications[last_position] = Classification(UNKNOWN, DOUBLED)
        else:
            classifications[position] = Classification(UNKNOWN, DOUBLED)
            last_positions[request.link] = last_position


def _is_doubled(request, last):
    """Return whether another network and program repeats a click at once.

    :param EmailRequest last: the click before
    """
    return (
        request.occurred_at - last.occurred_at <= DOUBLE_PAUSE
        and _is_repeated_by_other(request, last)
    )


# ------------------------------------------------------------
# Signs
# ------------------------------------------------------------


def _weigh(requests, classifications, sent_at):
    """Add up the signs of each request. First decide about links, because opens depend
    on what the same client and the person do with links.

    :param list[EmailRequest] requests: oldest first
    :param list[Classification] classifications: from the steps before
    :return: a list of verdicts
    """
    verdicts = [None] * len(requests)
    opens = _Opens(requests, classifications, sent_at)
    last_uses = {}  # link -> the recipient's last click or download
    used_at = []
    programs = defaultdict(list)  # client -> its links that a program followed
    for position, request in enumerate(requests):
        if request.kind == OPEN:
            continue
        last_use = last_uses.get(request.link)
        found = [*request.signs, *opens.find_signs(request)]
        if last_use and _is_repeated_by_other(request, last_use):
            found.append(signs.REPEATED_BY_OTHER)
        verdict = _decide_link(request, classifications[position], found)
        verdicts[position] = verdict
        if classifications[position].actor == RECIPIENT:
            last_uses[request.link] = request
        if verdict.actor == RECIPIENT and verdict.confidence != signs.LOW:
            used_at.append(request.occurred_at)
        elif verdict.reason == SIGNS:
            programs[request.client[:2]].append((request.occurred_at, verdict.actor))
    for position, request in enumerate(requests):
        if request.kind != OPEN:
            continue
        classification, found = classifications[position], list(request.signs)
        if _is_first_within(used_at, request.occurred_at, OPEN_PAUSE):
            found.append(signs.USED_AFTER)
        if can_change(request.kind, classification) and request.client.network:
            followed = programs.get(request.client[:2], ())
            index = bisect_left(followed, (request.occurred_at,))
            if (
                index < len(followed)
                and followed[index][0] - request.occurred_at <= EARLY_IMAGE
            ):
                classification = Classification(followed[index][1], SIGNS)
        verdicts[position] = _grade(request, classification, found)
    return verdicts


def _is_first_within(times, occurred_at, pause):
    """Return whether one of these ordered times comes shortly after a request."""
    index = bisect_left(times, occurred_at)
    return index < len(times) and times[index] - occurred_at <= pause


class _Opens:
    """The opens of an email, as signs of the clicks that follow.

    :param list[EmailRequest] requests: oldest first
    :param list[Classification] classifications: of these requests
    :param datetime | None sent_at: when the email was sent, if known
    """

    def __init__(self, requests, classifications, sent_at):
        self._persons = []
        self._times_by_client = defaultdict(list)
        for request, classification in zip(requests, classifications, strict=True):
            if request.kind != OPEN or classification.actor != RECIPIENT:
                continue
            if _is_persons_open(request, classification, sent_at):
                self._persons.append(request)
            if request.client.network:
                times = self._times_by_client[request.client[:2]]
                times.append(request.occurred_at)

    def find_signs(self, request):
        """Return the signs that earlier opens give for a click or a download.

        :rtype: list[str]
        """
        found = []
        last_open = _find_last(self._persons, request)
        if last_open:
            networks = {request.client.network, last_open.client.network} - {""}
            found.append(
                signs.OPENED_BEFORE if len(networks) < 2 else signs.OPENED_ELSEWHERE
            )
            systems = {request.client.system, last_open.client.system} - {""}
            if len(systems) > 1:
                found.append(signs.OTHER_SYSTEM)
        else:
            found.append(signs.NOT_OPENED)
        times = self._times_by_client.get(request.client[:2], ())
        index = bisect_right(times, request.occurred_at) - 1
        if index >= 0 and request.occurred_at - times[index] < READING_TIME:
            found.append(signs.NO_TIME)
        return found


def _find_last(opens, request):
    """Return the last of these opens before a request, within `OPEN_PAUSE`, or None."""
    index = bisect_right(opens, request.occurred_at, key=_get_time) - 1
    if index >= 0 and request.occurred_at - opens[index].occurred_at <= OPEN_PAUSE:
        return opens[index]
    return None


def _get_time(request):
    return request.occurred_at


def _is_repeated_by_other(request, last_use):
    """Return whether another network and program repeats a link that the recipient has
    used, as antivirus programs do.
    """
    networks = {request.client.network, last_use.client.network}
    return (
        "" not in networks
        and len(networks) == 2
        and request.client.program != last_use.client.program
        and request.occurred_at - last_use.occurred_at <= OPEN_PAUSE
    )


def _decide_link(request, classification, found):
    """Decide who followed a link, if only its signs speak.

    :param list[str] found: codes of signs
    :rtype: Verdict
    """
    if classification.actor == RECIPIENT and classification.reason in BROWSERS:
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
