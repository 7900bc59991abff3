"""Detect scans of the links of one email: bursts and slow scans.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict, namedtuple
from datetime import datetime, timedelta

from .crowded_spans import Span, find_crowded_spans

# docs/field.md#clicks: three or more distinct links of one email within 2 s, or every
# link of the email. Gateways such as Proofpoint and Mimecast follow every link, with
# changing user agents and addresses: only their pace gives them away.
BURST_PACE = timedelta(seconds=2)
BURST_LINKS = 3

# docs/field.md#clicks: gateways follow every link, about one link a second
# (mautic#9798). People also follow every link of an email with fewer links.
SLOW_SCAN_LINKS = 4
SLOW_SCAN = timedelta(minutes=3)  # by one client
SLOW_SCAN_BY_ANYBODY = timedelta(seconds=12)

# docs/field.md#clicks: a hasty person opens at most three links in tabs, one after the
# other, after they opened the email.
HASTY_LINKS = 3
HASTY_GAP = timedelta(seconds=0.35)
HASTY_TIME = timedelta(seconds=5)
HASTY_AFTER_OPEN = (timedelta(seconds=2), timedelta(minutes=10))

# docs/field.md#opens: a gateway loads the image a median of 33 s before it follows the
# links, and soon after sending.
EARLY_IMAGE = timedelta(seconds=90)
SOON_AFTER_SENDING = timedelta(minutes=2)

# `link`, `client`: any hashable values that identify the link, and the client that made
# the request. `is_decoy`: whether the link is the decoy link, which is not one of the
# links that the email has. `network`: identifies the client's network; "" if unknown.
LinkRequest = namedtuple(
    "LinkRequest",
    "occurred_at link client is_decoy network",
    defaults=(None, False, ""),
)
# `network`: as above; "" if an email client or a provider loaded the image.
OpenRequest = namedtuple("OpenRequest", "occurred_at network", defaults=("",))


def find_bursts(requests, link_count, opens=(), early_opens=(), sent_at=None):
    """Find the times when links were requested faster than a person clicks.

    A run is a series of requests, each within `BURST_PACE` of the previous request. A
    run is a burst if it contains `BURST_LINKS` distinct links within `BURST_PACE`, or
    every link of an email with two or more links. The decoy link counts as one more
    link. The run of a hasty person is not a burst.

    :param list[LinkRequest] requests: requests on one trackable email, in any order
    :param int link_count: number of distinct links in the email
    :param list[OpenRequest] opens: when a person opened the email
    :param list[OpenRequest] early_opens: when the image was loaded soon after sending,
        by a person or by a scanner
    :param datetime | None sent_at: when the email was sent, if known
    :return: bursts that do not overlap, oldest first
    :rtype: list[Span]
    """
    return [
        Span(run[0].occurred_at, run[-1].occurred_at)
        for run in _split_into_runs(_sort(requests))
        if _is_burst(run, link_count)
        # Most bursts of scanners come soon after sending.
        and (
            is_soon_after_sending(run[0].occurred_at, sent_at)
            or not _is_hasty_person(run, opens, early_opens)
        )
    ]


def find_slow_scans(requests, link_count):
    """Find the times when every link of an email with `SLOW_SCAN_LINKS` links or more
    was requested: by one client within `SLOW_SCAN`, or by any clients within
    `SLOW_SCAN_BY_ANYBODY`.

    :param list[LinkRequest] requests: requests on one trackable email, in any order
    :param int link_count: number of distinct links in the email
    :return: client -> its scans, oldest first; the key None has the scans by any
        clients
    :rtype: dict[Hashable, list[Span]]
    """
    if link_count < SLOW_SCAN_LINKS:
        return {}
    entries_by_client = defaultdict(list)
    for request in _sort(requests):
        entry = (request.occurred_at, request.link)
        for client in {None, request.client}:
            entries_by_client[client].append(entry)
    return {
        client: find_crowded_spans(
            entries,
            SLOW_SCAN_BY_ANYBODY if client is None else SLOW_SCAN,
            link_count,
        )
        for client, entries in entries_by_client.items()
        if len(entries) >= link_count
    }


def _sort(requests):
    return sorted(requests, key=lambda request: request.occurred_at)


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
    has_decoy = any(request.is_decoy for request in run)
    if distinct_links >= max(link_count + has_decoy, 2):
        return True
    entries = [(request.occurred_at, request.link) for request in run]
    return distinct_links >= BURST_LINKS and bool(
        find_crowded_spans(entries, BURST_PACE, BURST_LINKS)
    )


def _is_hasty_person(run, opens, early_opens):
    """Return whether a person can have followed the links of this run, after they
    opened the email in the same network. An early open is a scanner's if the run
    follows soon.
    """
    start, end = run[0].occurred_at, run[-1].occurred_at
    earliest, latest = HASTY_AFTER_OPEN
    return (
        not any(request.is_decoy for request in run)
        and len({request.client for request in run}) == 1
        and len({request.link for request in run}) <= HASTY_LINKS
        and end - start <= HASTY_TIME
        and all(
            request.occurred_at - previous.occurred_at >= HASTY_GAP
            for previous, request in zip(run, run[1:], strict=False)
        )
        and any(
            shortest <= start - opened.occurred_at <= latest
            and opened.network in ("", run[0].network)
            for shortest, requests in ((earliest, opens), (EARLY_IMAGE, early_opens))
            for opened in requests
        )
    )


def is_image_near_burst(bursts, occurred_at, sent_at=None):
    """Return whether a scanner loaded an image: during a burst, shortly before or after
    it, or soon after sending and up to `EARLY_IMAGE` before the burst.

    :param list[Span] bursts: on the same trackable email, oldest first
    :param datetime occurred_at: time of the request
    :param datetime | None sent_at: when the email was sent, if known
    :rtype: bool
    """
    position = bisect_right(bursts, (occurred_at + BURST_PACE, datetime.max))
    if position and occurred_at - BURST_PACE <= bursts[position - 1].end:
        return True
    return is_early_image(bursts, occurred_at, sent_at)


def is_early_image(bursts, occurred_at, sent_at):
    """Return whether an image was loaded soon after sending, and up to `EARLY_IMAGE`
    before a burst or a slow scan. The parameters are as in `is_image_near_burst`.

    :rtype: bool
    """
    if not is_soon_after_sending(occurred_at, sent_at):
        return False
    position = bisect_left(bursts, (occurred_at,))
    return (
        position < len(bursts) and bursts[position].start - occurred_at <= EARLY_IMAGE
    )


def is_soon_after_sending(occurred_at, sent_at):
    """Return whether a request came within `SOON_AFTER_SENDING`.

    :param datetime occurred_at: time of the request
    :param datetime | None sent_at: when the email was sent, if known; a later time is
        the time of another attempt to send
    :rtype: bool
    """
    return sent_at is not None and (
        timedelta() <= occurred_at - sent_at <= SOON_AFTER_SENDING
    )
