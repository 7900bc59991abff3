"""Limit how many requests a flood on one email stores. Every request is counted.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict, namedtuple
from datetime import timedelta

# Maximum of identical requests stored within the window. A person, or a mail client
# that reloads, makes far fewer.
LIMIT = 100
# Maximum of requests on one email stored within the window. Beyond this limit, one
# request of each `kind_of_request` is stored.
LIMIT_OF_EMAIL = 500
WINDOW = timedelta(minutes=10)

# `email`: identifies the email. `identity`: equal for identical requests.
# `kind_of_request`: in a flood of different requests, requests of the same kind are
# counted together, so clients must not be able to choose this value. All three values
# are hashable.
Request = namedtuple("Request", "email identity kind_of_request occurred_at")


class _Stored:
    """Stored requests, indexed by email, by identity and by kind of request."""

    def __init__(self, window):
        self._window = window
        # (field, its value) -> (occurred_at, position), in order
        self._entries = defaultdict(list)

    def add(self, request, position):
        for key in zip(request._fields[:3], request, strict=False):
            insort(self._entries[key], (request.occurred_at, position))

    def find(self, field, request):
        """Return the number of stored requests with the same value within the window,
        and the position of the last of these requests, or None.
        """
        entries = self._entries[field, getattr(request, field)]
        occurred_at = request.occurred_at
        start = bisect_left(entries, (occurred_at - self._window,))
        end = bisect_right(entries, (occurred_at + self._window, float("inf")))
        return end - start, entries[end - 1][1] if end > start else None


def fold(known, new, limit=LIMIT, limit_of_email=LIMIT_OF_EMAIL, window=WINDOW):
    """Choose the requests to store. Assign each other request to the stored request
    that counts it.

    Within any time span as long as the window, at most ``limit`` identical requests are
    stored. On one email, at most ``limit_of_email`` requests are stored, and after
    these one of each `kind_of_request`. The order of the requests does not matter.

    :param list[Request] known: requests that are already stored
    :param list[Request] new: requests to store or count
    :param int limit: at least 1
    :param int limit_of_email: at least 1
    :param timedelta window: time before and after a request
    :return: for each request in ``new``, a position in ``known + new``: the position of
        the request itself if it is stored, or else of the request that counts it
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
