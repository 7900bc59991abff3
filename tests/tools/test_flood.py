"""tools/flood: a flood is stored up to a limit, and counted completely."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import flood
from odoo.addons.pipeline_tracking.tools.flood import Request

START = datetime(2026, 6, 1, 8)
WINDOW = timedelta(seconds=60)


def request(name="a", seconds=0, email="email"):
    """Build a request by the client ``name``, whose first letter is the kind."""
    occurred_at = START + timedelta(seconds=seconds)
    return Request(email, (email, name), (email, "kind", name[:1]), occurred_at)


requests = st.lists(
    st.builds(
        request,
        name=st.sampled_from(["a", "a2", "a3", "b", "b2", "c"]),
        seconds=st.integers(0, 300),
        email=st.sampled_from(["email", "other email"]),
    ),
    max_size=60,
)
limits = st.integers(1, 5)
UNLIMITED = 10**6


def every_second(count, name="a", start=0):
    return [request(name, start + n) for n in range(count)]


def fold_in_batches(pieces, limit, limit_of_email):
    """Return the stored requests, and the number of requests that each counts."""
    stored, counts = [], Counter()
    for new in pieces:
        counted_with = flood.fold(stored, new, limit, limit_of_email, WINDOW)
        candidates = stored + new
        before = len(stored)
        stored = stored + [
            request
            for position, request in enumerate(new, before)
            if counted_with[position - before] == position
        ]
        counts.update(candidates[position] for position in counted_with)
    return stored, counts


def requests_in_window(stored, first):
    """Return the stored requests in the window that begins with a request."""
    until = first.occurred_at + WINDOW
    return [
        request
        for request in stored
        if first.occurred_at <= request.occurred_at <= until
    ]


@given(st.lists(requests, max_size=5), limits, limits)
def test_limits_hold_for_any_batches(pieces, limit, limit_of_email):
    stored, _counts = fold_in_batches(pieces, limit, limit_of_email)
    for first in stored:
        in_window = requests_in_window(stored, first)
        identical = [
            request for request in in_window if request.identity == first.identity
        ]
        assert len(identical) <= limit
        of_email = [request for request in in_window if request.email == first.email]
        kinds = {request.kind_of_request for request in of_email}
        assert len(of_email) <= limit_of_email + len(kinds)


@given(st.lists(requests, max_size=5), limits, limits)
def test_every_request_is_counted_once(pieces, limit, limit_of_email):
    """A request is counted with a request of the same kind, on the same email."""
    _stored, counts = fold_in_batches(pieces, limit, limit_of_email)
    requested = Counter(request.kind_of_request for new in pieces for request in new)
    counted = Counter()
    for request, count in counts.items():
        counted[request.kind_of_request] += count
    assert counted == requested


@given(requests, requests)
def test_requests_below_the_limits_are_stored(known, new):
    enough = len(known) + len(new) + 1
    new_positions = list(range(len(known), len(known) + len(new)))
    assert flood.fold(known, new, enough, enough, WINDOW) == new_positions


@given(requests, requests, limits, limits)
def test_flood_does_not_affect_another_email(known, new, limit, limit_of_email):
    count = min(limit, limit_of_email)
    other = [
        request._replace(email="z", identity="z", kind_of_request=("z", 1))
        for request in new[:count]
    ]
    folded = flood.fold(known, [*new, *other], limit, limit_of_email, WINDOW)
    start = len(known) + len(new)
    assert folded[len(new) :] == list(range(start, start + len(other)))


def test_flood_of_identical_requests():
    counted_with = flood.fold([], every_second(10), 3, UNLIMITED, WINDOW)
    assert counted_with == [0, 1, 2, 2, 2, 2, 2, 2, 2, 2]
    # Further requests are counted with the last stored request.
    known = every_second(3)
    later = every_second(2, start=50)
    assert flood.fold(known, later, 3, UNLIMITED, WINDOW) == [2, 2]
    # A request after the window is stored.
    assert flood.fold(known, every_second(1, start=63), 3, UNLIMITED, WINDOW) == [3]


def test_flood_of_different_requests():
    """The limit is for the email, for any number of clients."""
    different = [request(f"a{n}", n % 10) for n in range(50)]
    different += [request(f"b{n}", n % 10) for n in range(50)]
    counted_with = flood.fold([], different, 3, 20, WINDOW)
    assert len(set(counted_with)) == 20
    # The first request of another kind is stored.
    counted_with = flood.fold(
        different[:20], [request("c"), request("c2")], 3, 20, WINDOW
    )
    assert counted_with == [20, 20]
    # Requests after the window are stored.
    later = [request(f"a{n}", 100) for n in range(20)]
    assert flood.fold(different[:20], later, 3, 20, WINDOW) == list(range(20, 40))


def test_repeated_opens_are_not_a_flood():
    opens = every_second(99)
    assert flood.fold([], opens) == list(range(99))


def test_many_readers_are_not_a_flood():
    opens = [request(f"a{n}", n) for n in range(flood.LIMIT_OF_EMAIL)]
    assert flood.fold([], opens) == list(range(flood.LIMIT_OF_EMAIL))
