"""What several hits on one trackable email mean together: a burst, a repeat, an open
that must have been.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict, deque, namedtuple
from datetime import timedelta

# docs/field.md#clicks: three or more distinct links of one email within 2 s, or every
# link of it. Gateways such as Proofpoint's and Mimecast's follow every link of an
# email, under changing names and addresses: only their pace gives them away.
BURST_PACE = timedelta(seconds=2)
BURST_LINKS = 3

# The images of an email that is open already can come a moment after a click in it.
IMAGE_DELAY = timedelta(minutes=1)

# Requests for parts of a file are one download as long as no pause between them is
# longer: players and PDF viewers ask for parts while somebody looks.
PART_PAUSE = timedelta(minutes=5)
# Between two actions that stand for parts of one download: each action stands for the
# parts within a pause of it, and the next action begins within a pause of those.
PART_WINDOW = 2 * PART_PAUSE

# `continues`: whether a request only goes on with a download. `since`: when its client
# began to ask for parts at the pace of a burst.
Part = namedtuple("Part", "continues since")

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


def is_link_of(bursts, occurred_at):
    """Whether a link request belongs to a burst.

    :param list[Burst] bursts: of its trackable email
    :param datetime occurred_at:
    :rtype: bool
    """
    return any(burst.start <= occurred_at <= burst.end for burst in bursts)


def is_image_of(bursts, occurred_at):
    """Whether an image was loaded along with a burst: just before, in it or just after.

    :param list[Burst] bursts: of its trackable email
    :param datetime occurred_at:
    :rtype: bool
    """
    return any(
        burst.start - BURST_PACE <= occurred_at <= burst.end + BURST_PACE
        for burst in bursts
    )


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


def follow_parts(requests):
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


def merge_parts(known, new):
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


def infer_open(evidence, recorded):
    """When an email must have been open, where no image tells.

    :param list[datetime] evidence: clicks, downloads and replies by the recipient
    :param datetime | None recorded: the recipient's first recorded open
    :return: the first of the evidence; None where there is none, or where the open was
        recorded
    :rtype: datetime | None
    """
    first = min(evidence, default=None)
    if first is None or (recorded and recorded <= first + IMAGE_DELAY):
        return None
    return first
