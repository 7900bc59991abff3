"""Bound what a flood of requests on one email stores. Each request is counted.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict, namedtuple
from datetime import timedelta

# How many identical requests are stored within the window: a person, and a mail client
# that reloads, stay far below.
LIMIT = 100
# How many requests on one email are stored within the window. Beyond that, only one of
# each `kind_of_request` is stored, however different the requests are.
LIMIT_OF_EMAIL = 500
WINDOW = timedelta(minutes=10)

# `email`: the email that is requested. `identity`: identical requests have the same.
# `kind_of_request`: in a flood of different requests, those with the same kind are
# counted together; the sender of the requests must not choose it. All three are
# hashable.
Request = namedtuple("Request", "email identity kind_of_request occurred_at")


class _Stored:
    """The stored requests, indexed by each field that requests can have in common."""

    def __init__(self, window):
        self._window = window
        # (field, its value) -> (occurred_at, position), in order
        self._entries = defaultdict(list)

    def add(self, request, position):
        for key in zip(request._fields[:3], request, strict=False):
            insort(self._entries[key], (request.occurred_at, position))

    def find(self, field, request):
        """Return how many stored requests with the same value are near in time, and
        the position of the last of them.
        """
        entries = self._entries[field, getattr(request, field)]
        occurred_at = request.occurred_at
        start = bisect_left(entries, (occurred_at - self._window,))
        end = bisect_right(entries, (occurred_at + self._window, float("inf")))
        return end - start, entries[end - 1][1] if end > start else None


def fold(known, new, limit=LIMIT, limit_of_email=LIMIT_OF_EMAIL, window=WINDOW):
    """Choose the requests to store, and the stored request with which each other
    request is counted.

    No span as long as the window holds more than ``limit`` identical requests, or more
    than ``limit_of_email`` requests on one email and one of each `kind_of_request`, in
    whatever order they come.

    :param list[Request] known: requests that are stored already
    :param list[Request] new: requests to store or count
    :param int limit: at least 1
    :param int limit_of_email: at least 1
    :param timedelta window: before and after a request
    :return: for each of ``new`` the position in ``known + new`` of the request that it
        is counted with; its own position if it is stored
    :rtype: list[int]
    """
    stored = _Stored(window)
    for position, request in enumerate(known):
        stored.add(request, position)
    counted_with = list(range(len(known), len(known) + len(new)))
    for index in sorted(range(len(new)), key=lambda index: new[index].occurred_at):
        request = new[index]
        count, last_position = stored.find("identity", request)
        is_flood = count >= limit
        if not is_flood and stored.find("email", request)[0] >= limit_of_email:
            count, last_position = stored.find("kind_of_request", request)
            is_flood = count >= 1
        if is_flood:
            counted_with[index] = last_position
        else:
            stored.add(request, counted_with[index])
    return counted_with
