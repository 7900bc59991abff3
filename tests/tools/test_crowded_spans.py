"""tools/crowded_spans: many different values within a window."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.crowded_spans import (
    find_crowded_spans,
    is_in_spans,
)

START = datetime(2026, 6, 1, 8)
WINDOW = timedelta(seconds=10)


def find(entries, minimum=3):
    return [
        tuple((time - START).total_seconds() for time in span)
        for span in find_crowded_spans(
            [(START + timedelta(seconds=time), value) for time, value in entries],
            WINDOW,
            minimum,
        )
    ]


def test_spans_of_different_values():
    assert find([(0, "a"), (5, "b"), (10, "c")]) == [(0, 10)]
    assert find([(0, "a"), (5, "b"), (10.1, "c")]) == []
    assert find([(0, "a"), (1, "a"), (2, "a")]) == []
    # overlapping windows are one span
    assert find([(0, "a"), (5, "b"), (9, "c"), (14, "d")]) == [(0, 14)]
    assert find([(0, 1), (0, 2), (0, 3), (30, 1), (31, 2), (32, 3)]) == [
        (0, 0),
        (30, 32),
    ]


entries_of = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 4)), max_size=25)


@given(entries_of, st.integers(1, 5))
def test_entry_is_in_a_span_if_a_window_around_it_is_crowded(entries, minimum):
    """Compare with the definition, which tries each window."""
    entries = sorted(entries)
    spans = find_crowded_spans(
        [(START + timedelta(seconds=time), value) for time, value in entries],
        WINDOW,
        minimum,
    )
    for time, _value in entries:
        is_crowded = any(
            start <= time <= start + 10
            and len({value for when, value in entries if start <= when <= start + 10})
            >= minimum
            for start, _value in entries
        )
        assert is_in_spans(spans, START + timedelta(seconds=time)) == is_crowded
    assert all(
        earlier.end < later.start
        for earlier, later in zip(spans, spans[1:], strict=False)
    )
