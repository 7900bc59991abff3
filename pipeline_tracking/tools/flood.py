"""A flood: the same request, over and over. What is kept of it is bounded, and each
request is counted.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from datetime import timedelta

# Of the same: a person, and a mail client that reloads, stay far below. What is beyond
# is counted with the last one kept.
LIMIT = 100
WINDOW = timedelta(minutes=10)
# So many actions on one trackable email within the window are a flood, even if each
# request names another program.
LIMIT_OF_EMAIL = 500


def fold(known, new, limit=LIMIT, window=WINDOW):
    """Which requests are kept, and with which of those the others are counted.

    No span as long as the window holds more than `limit` of the same that are kept,
    in whatever order they come.

    :param list[tuple] known: what the request is, anything hashable, and when; of those
        kept before
    :param list[tuple] new: the same of those to come
    :param int limit: at least 1
    :param timedelta window: before and after
    :return: for each of ``new`` a position in ``known + new``: its own where it is kept
    :rtype: list[int]
    """
    kept = defaultdict(list)  # what -> when and position, in order
    for position, (what, occurred_at) in enumerate(known):
        insort(kept[what], (occurred_at, position))
    counted_with = list(range(len(known), len(known) + len(new)))
    for number in sorted(range(len(new)), key=lambda number: new[number][1]):
        what, occurred_at = new[number]
        same, position = kept[what], counted_with[number]
        start = bisect_left(same, (occurred_at - window,))
        end = bisect_right(same, (occurred_at + window, position))
        if end - start < limit:
            insort(same, (occurred_at, position))
        else:
            counted_with[number] = same[end - 1][1]
    return counted_with
