"""Detect bursts: requests for links of an email, faster than a person clicks.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from collections import Counter, deque, namedtuple
from datetime import timedelta

# docs/field.md#clicks: three or more distinct links of one email within 2 s, or every
# link of the email. Gateways such as Proofpoint and Mimecast follow every link, with
# changing user agents and addresses: only their pace gives them away.
BURST_PACE = timedelta(seconds=2)
BURST_LINKS = 3

# `link`: any hashable value that identifies the link.
LinkRequest = namedtuple("LinkRequest", "occurred_at link")
# `start`, `end`: the times of the first and the last request.
Burst = namedtuple("Burst", "start end")


def find_bursts(requests, link_count):
    """Find the times when links were requested faster than a person clicks.

    A run is a series of requests, each within `BURST_PACE` of the previous request. A
    run is a burst if it contains `BURST_LINKS` distinct links within `BURST_PACE`, or
    every link of an email with two or more links.

    :param list[LinkRequest] requests: requests on one trackable email, in any order
    :param int link_count: number of distinct links in the email
    :rtype: list[Burst]
    """
    return [
        Burst(run[0].occurred_at, run[-1].occurred_at)
        for run in _split_into_runs(
            sorted(requests, key=lambda request: request.occurred_at)
        )
        if _is_burst(run, link_count)
    ]


def _split_into_runs(requests):
    """Split ordered requests at pauses longer than `BURST_PACE`."""
    run = []
    for request in requests:
        if run and request.occurred_at - run[-1].occurred_at > BURST_PACE:
            yield run
            run = []
        run.append(request)
    if run:
        yield run


def _is_burst(run, link_count):
    distinct_links = len({request.link for request in run})
    if distinct_links >= max(link_count, 2):
        return True
    return distinct_links >= BURST_LINKS and _is_dense(run)


def _is_dense(run):
    """Return whether a run has `BURST_LINKS` distinct links within `BURST_PACE`."""
    recent = deque()
    counts = Counter()  # link -> number of recent requests
    for request in run:
        recent.append(request)
        counts[request.link] += 1
        while request.occurred_at - recent[0].occurred_at > BURST_PACE:
            old_link = recent.popleft().link
            counts[old_link] -= 1
            if not counts[old_link]:
                del counts[old_link]
        if len(counts) >= BURST_LINKS:
            return True
    return False


def is_link_in_burst(bursts, occurred_at):
    """Return whether a link request belongs to a burst.

    :param list[Burst] bursts: bursts on the same trackable email
    :param datetime occurred_at: time of the request
    :rtype: bool
    """
    return any(burst.start <= occurred_at <= burst.end for burst in bursts)


def is_image_near_burst(bursts, occurred_at):
    """Return whether an image was loaded during, just before or just after a burst.

    :param list[Burst] bursts: bursts on the same trackable email
    :param datetime occurred_at: time of the request
    :rtype: bool
    """
    return any(
        burst.start - BURST_PACE <= occurred_at <= burst.end + BURST_PACE
        for burst in bursts
    )
