"""tools/repeats: reloads of an email are repeats of one open."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.repeats import find_repeats

START = datetime(2026, 6, 1, 8)
WINDOW = timedelta(seconds=10)


def at(seconds):
    return START + timedelta(seconds=seconds)


def repeats(*opens, window=WINDOW):
    return find_repeats([(at(seconds), client) for seconds, client in opens], window)


def test_reloads_are_repeats():
    assert repeats((0, "a"), (5, "a"), (9.9, "a")) == [False, True, True]
    # A client that keeps reloading is one open, for any time.
    assert repeats(*((n * 9, "a") for n in range(100))) == [False] + [True] * 99


def test_opens_that_are_not_repeats():
    assert repeats((0, "a"), (10, "a"), (60, "a")) == [False] * 3
    # Another client is not a repeat.
    assert repeats((0, "a"), (1, "b"), (2, "a"), (3, "b")) == [False, False, True, True]
    assert repeats((0, "a"), (0, "a"), window=timedelta()) == [False, False]
    assert repeats() == []


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from("ab")), max_size=30))
def test_every_client_has_an_open_that_is_not_a_repeat(opens):
    opens.sort()
    counted = {
        client
        for (_when, client), is_repeat in zip(opens, repeats(*opens), strict=True)
        if not is_repeat
    }
    assert counted == {client for _when, client in opens}
