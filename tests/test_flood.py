"""tools/flood: what is kept of a flood is bounded, and all of it is counted."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import flood

START = datetime(2026, 6, 1, 8)
WINDOW = timedelta(seconds=60)

requests = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(0, 300).map(lambda seconds: START + timedelta(seconds=seconds)),
    ),
    max_size=60,
)
limits = st.integers(1, 5)


def every_second(count, what="a", start=0):
    return [(what, START + timedelta(seconds=start + n)) for n in range(count)]


def batches(pieces, limit):
    """What is kept when requests come in pieces, and how many each stands for."""
    kept, counts = [], Counter()
    for new in pieces:
        counted_with = flood.fold(kept, new, limit, WINDOW)
        everything = kept + new
        before = len(kept)
        kept = kept + [
            one
            for position, one in enumerate(new, before)
            if counted_with[position - before] == position
        ]
        counts.update(everything[position] for position in counted_with)
    return kept, counts


@given(requests, limits)
def test_what_is_kept_is_bounded(new, limit):
    kept, _counts = batches([new], limit)
    for what, occurred_at in kept:
        near = [
            one
            for one in kept
            if one[0] == what and occurred_at <= one[1] <= occurred_at + WINDOW
        ]
        assert len(near) <= limit


@given(st.lists(requests, max_size=5), limits)
def test_it_is_bounded_in_whatever_pieces_it_comes(pieces, limit):
    kept, _counts = batches(pieces, limit)
    for what, occurred_at in kept:
        near = [
            one
            for one in kept
            if one[0] == what and occurred_at <= one[1] <= occurred_at + WINDOW
        ]
        assert len(near) <= limit


@given(st.lists(requests, max_size=5), limits)
def test_every_request_is_counted_once_and_with_the_same(pieces, limit):
    _kept, counts = batches(pieces, limit)
    asked = Counter(what for new in pieces for what, _at in new)
    counted = Counter()
    for (what, _at), count in counts.items():
        counted[what] += count
    assert counted == asked


@given(requests, requests)
def test_what_is_no_flood_is_left_alone(known, new):
    enough = len(known) + len(new) + 1
    own = list(range(len(known), len(known) + len(new)))
    assert flood.fold(known, new, enough, WINDOW) == own


@given(requests, requests, limits)
def test_another_is_not_concerned(known, new, limit):
    """What somebody else does changes nothing for those who do no such thing."""
    other = [("z", at) for _what, at in new][:limit]
    folded = flood.fold(known, [*new, *other], limit, WINDOW)
    start = len(known) + len(new)
    assert folded[len(new) :] == list(range(start, start + len(other)))


def test_a_flood():
    counted_with = flood.fold([], every_second(10), 3, WINDOW)
    assert counted_with == [0, 1, 2, 2, 2, 2, 2, 2, 2, 2]
    # what comes next is counted with the last one kept
    assert flood.fold(every_second(3), every_second(2, start=50), 3, WINDOW) == [2, 2]
    # and is its own again when that is over
    assert flood.fold(every_second(3), every_second(1, start=63), 3, WINDOW) == [3]


def test_opening_an_email_again_and_again_is_no_flood():
    opens = every_second(99)
    assert flood.fold([], opens) == list(range(99))
