"""Bound what a flood of requests on one email stores. Each request is counted.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict, namedtuple
from datetime import timedelta

# How many of the same request are stored within the window: a person, and a mail client
# that reloads, stay far below.
LIMIT = 100
# How many requests on one email are stored within the window. Beyond it, each request
# can be different from the one before, and one of each `kind_of_request` is stored.
LIMIT_OF_EMAIL = 500
WINDOW = timedelta(minutes=10)

# `email`: the email it is a request on. `identity`: by what requests are the same.
# `kind_of_request`: by what they are the same in a flood of different ones; the sender
# of the requests must not choose it. All three are hashable.
Request = namedtuple("Request", "email identity kind_of_request occurred_at")


class _Stored:
    """Requests that are stored, by what they have in common, in order of time."""

    def __init__(self, window):
        self._window = window
        # (field, its value) -> (occurred_at, position)
        self._requests = defaultdict(list)

    def add(self, request, position):
        for key in zip(request._fields[:3], request, strict=False):
            insort(self._requests[key], (request.occurred_at, position))

    def find(self, field, request):
        """Return how many stored requests with the same value are near in time, and
        the position of the last of them.
        """
        requests = self._requests[field, getattr(request, field)]
        occurred_at = request.occurred_at
        start = bisect_left(requests, (occurred_at - self._window,))
        end = bisect_right(requests, (occurred_at + self._window, float("inf")))
        return end - start, requests[end - 1][1] if end > start else None


def fold(known, new, limit=LIMIT, limit_of_email=LIMIT_OF_EMAIL, window=WINDOW):
    """Choose the requests to store, and with which of them each other one is counted.

    No span as long as the window holds more than ``limit`` of the same requests, or
    more than ``limit_of_email`` requests on one email and one of each
    `kind_of_request`, in whatever order they come.

    :param list[Request] known: stored before
    :param list[Request] new:
    :param int limit: at least 1
    :param int limit_of_email: at least 1
    :param timedelta window: before and after a request
    :return: for each of ``new`` a position in ``known + new``: its own where it is
        stored
    :rtype: list[int]
    """
    stored = _Stored(window)
    for position, request in enumerate(known):
        stored.add(request, position)
    counted_with = list(range(len(known), len(known) + len(new)))
    for number in sorted(range(len(new)), key=lambda number: new[number].occurred_at):
        request = new[number]
        count, last = stored.find("identity", request)
        is_same_too_often = count >= limit
        if not is_same_too_often and stored.find("email", request)[0] >= limit_of_email:
            count, last = stored.find("kind_of_request", request)
            is_same_too_often = count >= 1
        if is_same_too_often:
            counted_with[number] = last
        else:
            stored.add(request, counted_with[number])
    return counted_with
