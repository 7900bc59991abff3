"""Weigh the signs of the requests for one email together.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from datetime import timedelta

from . import signs
from .actors import OPEN, RECIPIENT, Classification
from .bursts import EARLY_IMAGE
from .classify import BROWSERS, EMAIL_CLIENTS, NOT_PROVEN, SIGNS
from .email_requests import (
    OPEN_PAUSE,
    Verdict,
    can_change,
    find_last_open,
    is_persons_open,
    is_repeated_by_other,
)

# A person needs more time to read an email and follow a link.
READING_TIME = timedelta(seconds=1)


def find_signs(requests, classifications, sent_at):
    """Find the signs of each request by itself, and those that earlier opens give.

    :param list[EmailRequest] requests: oldest first
    :param list[Classification] classifications: of these requests, corrected by scans
    :param datetime | None sent_at: when the email was sent, if known
    :return: codes of signs for each request
    :rtype: list[list[str]]
    """
    opens = _Opens(requests, classifications, sent_at)
    return [
        [*request.signs]
        if request.kind == OPEN
        else [*request.signs, *opens.find_signs(request)]
        for request in requests
    ]


def find_programs(requests, classifications, signs_of_requests):
    """Classify clicks and downloads whose signs reveal a program. The requests of this
    program are no evidence against the person who follows the same link.

    :param list[EmailRequest] requests: oldest first
    :param list[Classification] classifications: of these requests, corrected by scans
    :param list[list[str]] signs_of_requests: from `find_signs`
    :return: a classification for each request
    :rtype: list[Classification]
    """
    return [
        classification if request.kind == OPEN else _decide_link(classification, found)
        for request, classification, found in zip(
            requests, classifications, signs_of_requests, strict=True
        )
    ]


def weigh(requests, classifications, signs_of_requests):
    """Add up the signs of each request. First decide about links, because opens depend
    on what the same client and the person do with links.

    :param list[EmailRequest] requests: oldest first
    :param list[Classification] classifications: of these requests, corrected by scans,
        `find_programs` and doubled clicks
    :param list[list[str]] signs_of_requests: from `find_signs`
    :return: a verdict for each request
    :rtype: list[Verdict]
    """
    verdicts = [None] * len(requests)
    uses = _Uses()
    used_at = []
    programs = defaultdict(list)  # client -> its links that a program followed
    for position, request in enumerate(requests):
        if request.kind == OPEN:
            continue
        found = [*signs_of_requests[position]]
        if uses.is_repeated_by_other(request):
            found.append(signs.REPEATED_BY_OTHER)
        verdict = _grade(request, _decide_link(classifications[position], found), found)
        verdicts[position] = verdict
        if classifications[position].actor == RECIPIENT:
            uses.add(request)
        if verdict.actor == RECIPIENT and verdict.confidence != signs.LOW:
            used_at.append(request.occurred_at)
        elif verdict.reason == SIGNS:
            programs[request.client[:2]].append((request.occurred_at, verdict.actor))
    for position, request in enumerate(requests):
        if request.kind != OPEN:
            continue
        classification = classifications[position]
        found = [*signs_of_requests[position]]
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
            if is_persons_open(request, classification, sent_at):
                self._persons.append(request)
            if request.client.network:
                times = self._times_by_client[request.client[:2]]
                times.append(request.occurred_at)

    def find_signs(self, request):
        """Return the signs that earlier opens give for a click or a download.

        :rtype: list[str]
        """
        found = []
        last_open = find_last_open(self._persons, request)
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


class _Uses:
    """The clicks and downloads by the recipient within `OPEN_PAUSE`."""

    def __init__(self):
        self._by_link = defaultdict(deque)

    def add(self, request):
        """Add a click or download. Call this in the order of time."""
        if request.client.network:
            self._by_link[request.link].append(request)

    def is_repeated_by_other(self, request):
        """Return whether another network and program used the same link first.

        The first use decides: a recipient who returns to a link after an antivirus
        program has repeated their click is no program.

        :rtype: bool
        """
        uses = self._by_link[request.link]
        while uses and request.occurred_at - uses[0].occurred_at > OPEN_PAUSE:
            uses.popleft()
        return bool(uses) and is_repeated_by_other(request, uses[0])


def _decide_link(classification, found):
    """Decide who followed a link, if only its signs speak.

    :param list[str] found: codes of signs
    :rtype: Classification
    """
    actor, reason = classification
    if reason == SIGNS or (actor == RECIPIENT and reason in BROWSERS):
        actor = signs.decide_actor(signs.get_score(found))
        if actor != RECIPIENT:
            return Classification(actor, SIGNS)
    return classification


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
