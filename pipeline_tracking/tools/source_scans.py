"""Detect scans across emails: one network opens emails of several people at once.

A gateway, or the sender's own outbound filter, scans the emails of many people within
seconds. One person who reads several emails is no scan, and neither are many people who
share a network.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from collections import defaultdict, namedtuple
from datetime import timedelta

from .crowded_spans import find_crowded_spans, is_in_spans

# `source`: identifies the network. `recipient`: identifies the recipient of the email.
# `since_sent`: time since the email was sent; None if it is not known.
SourceRequest = namedtuple("SourceRequest", "occurred_at source recipient since_sent")

# docs/field.md#across-emails. Each row: window, number of different recipients, and the
# longest time after sending (None: any time). Forty people who open emails in one hour,
# at random times, reach "four within 10 s" once in fifty such hours. Gateways scan soon
# after delivery, so later requests need a faster pace.
RULES = (
    (timedelta(seconds=2), 3, timedelta(minutes=10)),
    (timedelta(seconds=10), 4, timedelta(minutes=10)),
    (timedelta(seconds=3), 5, None),
    (timedelta(seconds=10), 8, None),
)
# Requests further away than this do not matter for a request.
MAX_WINDOW = max(window for window, _recipients, _since_sent in RULES)
FEWEST_RECIPIENTS = min(recipients for _window, recipients, _since_sent in RULES)


def find_source_scans(requests):
    """Find the requests that belong to a scan of emails to several people.

    :param list[SourceRequest] requests: in any order
    :return: for each request, whether it belongs to a scan
    :rtype: list[bool]
    """
    by_source = defaultdict(list)
    for request in sorted(requests, key=lambda request: request.occurred_at):
        by_source[request.source].append(request)
    spans_by_source = {
        source: _find_scans(source_requests)
        for source, source_requests in by_source.items()
        if len(source_requests) >= FEWEST_RECIPIENTS
    }
    return [
        any(
            _is_soon(request, longest) and is_in_spans(spans, request.occurred_at)
            for longest, spans in spans_by_source.get(request.source, ())
        )
        for request in requests
    ]


def _find_scans(requests):
    """Find the times of scans by one source.

    :param list[SourceRequest] requests: oldest first
    :return: for each rule, the longest time after sending, and the times of scans
    :rtype: list[tuple[timedelta | None, list[Span]]]
    """
    return [
        (
            longest,
            find_crowded_spans(
                [
                    (request.occurred_at, request.recipient)
                    for request in requests
                    if _is_soon(request, longest)
                ],
                window,
                recipients,
            ),
        )
        for window, recipients, longest in RULES
    ]


def _is_soon(request, longest):
    """Return whether a request came within a time after sending."""
    return longest is None or (
        request.since_sent is not None and request.since_sent <= longest
    )
