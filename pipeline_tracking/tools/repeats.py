"""Detect repeats: an image that is loaded again, and further parts of a download.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, insort
from collections import defaultdict, namedtuple
from datetime import timedelta

from .bursts import BURST_PACE

# The longest pause within a download: players and PDF viewers request parts of a file
# while a person watches or reads.
PART_PAUSE = timedelta(minutes=5)
# The longest time between two actions of one download. An action stands for all parts
# within `PART_PAUSE`, and the next part comes within `PART_PAUSE` of the last of them.
PART_WINDOW = 2 * PART_PAUSE

# `continues`: whether the request only continues a download. `since`: the time when the
# client began to request parts at the pace of a burst.
DownloadPart = namedtuple("DownloadPart", "continues since")


def find_repeats(actions, window):
    """Find the actions that come shortly after another action of the same client.

    :param list[tuple] actions: time, and any hashable value that identifies the client;
        oldest first
    :param timedelta window: an action within this time of the client's previous action
        is a repeat; with zero, no action is a repeat
    :return: for each action, whether it is a repeat
    :rtype: list[bool]
    """
    last_by_client = {}
    repeats = []
    for occurred_at, client in actions:
        last = last_by_client.get(client)
        # Compare with the previous action, repeat or not: a client that reloads every
        # few seconds all day counts as one open.
        repeats.append(last is not None and occurred_at - last < window)
        last_by_client[client] = occurred_at
    return repeats


def find_download_parts(requests):
    """Decide for each request for a file whether it only continues a download.

    :param list[tuple] requests: time, any hashable value that identifies client and
        file, and whether the request is for a part; oldest first
    :return: a `DownloadPart` for each request
    :rtype: list[DownloadPart]
    """
    last_by_client = {}
    download_parts = []
    for occurred_at, client, is_part in requests:
        last, since = last_by_client.get(client, (None, occurred_at))
        continues = is_part and last is not None and occurred_at - last <= PART_PAUSE
        if not continues or occurred_at - last > BURST_PACE:
            since = occurred_at
        download_parts.append(DownloadPart(continues, since))
        last_by_client[client] = (occurred_at, since)
    return download_parts


def merge_download_parts(known, new):
    """Find the download that each request for a file belongs to.

    A request for a part belongs to the nearest download by the same client within
    `PART_PAUSE`. A request for the whole file belongs to the nearest partial download
    within `PART_PAUSE`. Any other request is a new download.

    :param list[tuple] known: the recorded downloads: any hashable value that identifies
        client and file, time, and whether only parts were requested
    :param list[tuple] new: the requests to record, in the same form
    :return: for each request in ``new``, the position of its download in
        ``known + new``; a new download has the position of its request
    :rtype: list[int]
    """
    # client and file -> time and position, in order
    downloads, partial_downloads = defaultdict(list), defaultdict(list)

    def add_download(client, occurred_at, is_part, position):
        insort(downloads[client], (occurred_at, position))
        if is_part:
            insort(partial_downloads[client], (occurred_at, position))

    for position, download in enumerate(known):
        add_download(*download, position)
    positions = list(range(len(known), len(known) + len(new)))
    for index in sorted(range(len(new)), key=lambda index: new[index][1]):
        client, occurred_at, is_part = new[index]
        candidates = downloads[client] if is_part else partial_downloads[client]
        nearest = _find_nearest(candidates, occurred_at)
        if nearest is None or abs(nearest[0] - occurred_at) > PART_PAUSE:
            add_download(client, occurred_at, is_part, positions[index])
            continue
        positions[index] = nearest[1]
        if not is_part:
            partial_downloads[client].remove(nearest)
    return positions


def _find_nearest(entries, occurred_at):
    """Return the entry with the nearest time, or None if there are no entries.

    :param list[tuple] entries: tuples that begin with a time, in order
    """
    index = bisect_left(entries, (occurred_at,))
    return min(
        entries[max(index - 1, 0) : index + 1],
        key=lambda entry: abs(entry[0] - occurred_at),
        default=None,
    )
