"""Detect bursts: links of one trackable email that are followed faster than a person
does.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from collections import Counter, deque, namedtuple
from datetime import timedelta

# docs/field.md#clicks: three or more distinct links of one email within 2 s, or every
# link of it. Gateways such as Proofpoint's and Mimecast's follow every link of an
# email, under changing names and addresses: only their pace gives them away.
BURST_PACE = timedelta(seconds=2)
BURST_LINKS = 3

# `occurred_at`: when. `link`: which link, anything hashable.
LinkRequest = namedtuple("LinkRequest", "occurred_at link")
# From the first of its requests to the last.
Burst = namedtuple("Burst", "start end")


def find_bursts(requests, link_count):
    """Where links were followed as no person does.

    Requests of which each comes within `BURST_PACE` of the one before are a run. A run
    is a burst when it holds `BURST_LINKS` distinct links within `BURST_PACE`, or every
    link of an email that has more than one.

    :param list[LinkRequest] requests: on one trackable email, in any order
    :param int link_count: distinct links in that email
    :rtype: list[Burst]
    """
    return [
        Burst(run[0].occurred_at, run[-1].occurred_at)
        for run in _runs(sorted(requests, key=lambda request: request.occurred_at))
        if _is_burst(run, link_count)
    ]


def _runs(requests):
    """Split ordered requests where there is a pause."""
    run = []
    for request in requests:
        if run and request.occurred_at - run[-1].occurred_at > BURST_PACE:
            yield run
            run = []
        run.append(request)
    if run:
        yield run


def _is_burst(run, link_count):
    distinct = len({request.link for request in run})
    if distinct >= max(link_count, 2):
        return True
    return distinct >= BURST_LINKS and _is_dense(run)


def _is_dense(run):
    """Whether `BURST_LINKS` distinct links are within `BURST_PACE` somewhere in it."""
    recent = deque()
    counts = Counter()
    for request in run:
        recent.append(request)
        counts[request.link] += 1
        while request.occurred_at - recent[0].occurred_at > BURST_PACE:
            left = recent.popleft().link
            counts[left] -= 1
            if not counts[left]:
                del counts[left]
        if len(counts) >= BURST_LINKS:
            return True
    return False


def is_link_in_burst(bursts, occurred_at):
    """Whether a link request belongs to a burst.

    :param list[Burst] bursts: of its trackable email
    :param datetime occurred_at:
    :rtype: bool
    """
    return any(burst.start <= occurred_at <= burst.end for burst in bursts)


def is_image_near_burst(bursts, occurred_at):
    """Whether an image was loaded along with a burst: just before, in it or just after.

    :param list[Burst] bursts: of its trackable email
    :param datetime occurred_at:
    :rtype: bool
    """
    return any(
        burst.start - BURST_PACE <= occurred_at <= burst.end + BURST_PACE
        for burst in bursts
    )
