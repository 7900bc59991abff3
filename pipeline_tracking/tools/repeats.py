"""Detect requests that repeat an earlier one: an open that is loaded again, and further
parts of one download.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, insort
from collections import defaultdict, namedtuple
from datetime import timedelta

from .bursts import BURST_PACE

# Requests for parts of a file are one download as long as no pause between them is
# longer: players and PDF viewers ask for parts while somebody looks.
PART_PAUSE = timedelta(minutes=5)
# Between two actions that stand for parts of one download: each action stands for the
# parts within a pause of it, and the next action begins within a pause of those.
PART_WINDOW = 2 * PART_PAUSE

# `continues`: whether a request only goes on with a download. `since`: when its client
# began to ask for parts at the pace of a burst.
Part = namedtuple("Part", "continues since")


def find_repeats(opens, window):
    """Which opens are the one before, reloaded.

    :param list[tuple] opens: when, and a client as anything hashable; oldest first
    :param timedelta window: to the one before by the same client; zero: none is a
        repeat
    :return: for each whether it is one
    :rtype: list[bool]
    """
    last_by_client = {}
    repeats = []
    for occurred_at, client in opens:
        last = last_by_client.get(client)
        # A client that reloads every few seconds all day long was opened once.
        repeats.append(last is not None and occurred_at - last < window)
        last_by_client[client] = occurred_at
    return repeats


def find_download_parts(requests):
    """Tell which requests for files only go on with a download.

    :param list[tuple] requests: when, a client and its file as anything hashable, and
        whether a part was asked for; oldest first
    :return: for each of them
    :rtype: list[Part]
    """
    last_by_client = {}
    parts = []
    for occurred_at, client, is_part in requests:
        last, since = last_by_client.get(client, (None, occurred_at))
        continues = is_part and last is not None and occurred_at - last <= PART_PAUSE
        if not continues or occurred_at - last > BURST_PACE:
            since = occurred_at
        parts.append(Part(continues, since))
        last_by_client[client] = (occurred_at, since)
    return parts


def merge_download_parts(known, new):
    """Tell which requests for files belong to downloads that are recorded already.

    A request for a part belongs to the nearest download by the same client within
    `PART_PAUSE`. A request for the whole file is a download of its own, but for one
    thing: it belongs to a download of which only parts were asked for so far.

    :param list[tuple] known: a client and its file as anything hashable, when, and
        whether only parts were asked for; of the recorded downloads
    :param list[tuple] new: the same of the requests to record
    :return: for each of ``new`` a position in ``known + new``: its own where it is a
        download of its own
    :rtype: list[int]
    """
    kept, parts = defaultdict(list), defaultdict(list)  # when and position, in order

    def keep(client, occurred_at, is_part, position):
        insort(kept[client], (occurred_at, position))
        if is_part:
            insort(parts[client], (occurred_at, position))

    for position, request in enumerate(known):
        keep(*request, position)
    positions = list(range(len(known), len(known) + len(new)))
    for number in sorted(range(len(new)), key=lambda number: new[number][1]):
        client, occurred_at, is_part = new[number]
        same = kept[client] if is_part else parts[client]
        nearest = _find_nearest(same, occurred_at)
        if nearest is None or abs(nearest[0] - occurred_at) > PART_PAUSE:
            keep(client, occurred_at, is_part, positions[number])
            continue
        positions[number] = nearest[1]
        if not is_part:
            parts[client].remove(nearest)
    return positions


def _find_nearest(entries, occurred_at):
    """Return the entry whose time is nearest, or None where there are no entries.

    :param list[tuple] entries: each begins with a time; in order
    """
    place = bisect_left(entries, (occurred_at,))
    return min(
        entries[max(place - 1, 0) : place + 1],
        key=lambda entry: abs(entry[0] - occurred_at),
        default=None,
    )
