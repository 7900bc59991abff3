"""tools/usual_time: a suggestion is a habit, and lies in the future."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.usual_time import (
    MIN_DAYS,
    MIN_OPENS,
    MIN_SHARE,
    UsualTime,
    find_next,
    find_usual_time,
)

MONDAY = datetime(2026, 3, 2)
TUESDAY_9 = UsualTime(1, 9, 11)


def at(*rows):
    """Build times from rows of week, weekday and hour."""
    return [
        MONDAY + timedelta(weeks=week, days=weekday, hours=hour, minutes=7)
        for week, weekday, hour in rows
    ]


HABIT = [(0, 1, 9), (1, 1, 9), (1, 1, 10), (2, 1, 10), (0, 3, 16)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (HABIT, TUESDAY_9),
        (HABIT[:4], None),  # four opens
        ([(0, 1, 9)] * 3 + [(1, 1, 9)] * 3, None),  # two days
        # one morning with many opens, and two other days
        ([(0, 1, 9)] * 5 + [(1, 2, 9), (2, 3, 9)], None),
        # two times with the same number of opens
        ([(week, day, 9) for week in range(3) for day in (1, 3)], None),
        ([(week, 1, hour) for week in range(3) for hour in (9, 14)], None),
        # an hour without opens is left out
        ([(week, 4, 8) for week in range(5)], UsualTime(4, 8, 9)),
        # until midnight
        ([(week, 4, 23) for week in range(5)], UsualTime(4, 23, 24)),
        ([(week, 6, 22 + week % 2) for week in range(5)], UsualTime(6, 22, 24)),
        # three hours: the two with the most opens
        (
            [*[(week, 2, 9) for week in range(4)], (0, 2, 8), (1, 2, 10), (2, 2, 10)],
            UsualTime(2, 9, 11),
        ),
    ],
)
def test_a_usual_time_is_a_habit(rows, expected):
    assert find_usual_time(at(*rows)) == expected


def test_opens_at_all_hours_are_no_habit():
    rows = [(week, day, hour) for week in range(4) for day in range(5) for hour in (9,)]
    rows += [(0, day, hour) for day in range(5) for hour in range(10, 18)]
    rows += [(9, 1, 9)]
    assert find_usual_time(at(*rows)) is None


times = st.lists(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 2, 1))
    | st.sampled_from(at(*HABIT)),
    max_size=30,
)


@given(times)
def test_a_usual_time_has_enough_opens(opens):
    usual = find_usual_time(opens)
    if not usual:
        return
    inside = [
        time
        for time in opens
        if time.weekday() == usual.weekday and usual.start <= time.hour < usual.end
    ]
    assert len(opens) >= MIN_OPENS
    assert len({time.date() for time in opens}) >= MIN_DAYS
    assert len({time.date() for time in inside}) >= 2
    assert len(inside) >= MIN_SHARE * len(opens)
    assert 1 <= usual.end - usual.start <= 2 and usual.end <= 24
    hours = {time.hour for time in inside}
    assert hours == set(range(usual.start, usual.end)), "no hour without an open"


@given(times, st.randoms())
def test_the_order_of_opens_does_not_matter(opens, chance):
    shuffled = list(opens)
    chance.shuffle(shuffled)
    assert find_usual_time(shuffled) == find_usual_time(opens)


@given(times)
def test_no_other_time_has_more_opens(opens):
    usual = find_usual_time(opens)
    if not usual:
        return

    def count(weekday, start):
        return sum(
            time.weekday() == weekday and start <= time.hour < start + 2
            for time in opens
        )

    best = sum(
        time.weekday() == usual.weekday and usual.start <= time.hour < usual.end
        for time in opens
    )
    for weekday in range(7):
        for start in range(23):
            assert count(weekday, start) <= best


usual_times = st.builds(
    lambda weekday, start: UsualTime(weekday, start, start + 1),
    st.integers(0, 6),
    st.integers(0, 23),
)


@given(
    usual_times,
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
)
def test_the_next_time_is_within_a_week(usual, now):
    following = find_next(usual, now)
    assert (following.weekday(), following.hour) == (usual.weekday, usual.start)
    assert (following.minute, following.second, following.microsecond) == (0, 0, 0)
    assert timedelta(0) < following - now <= timedelta(days=7)


def test_the_next_time_of_an_hour_that_has_begun_is_next_week():
    for now in (datetime(2026, 3, 3, 9), datetime(2026, 3, 3, 9, 30)):
        assert find_next(TUESDAY_9, now) == datetime(2026, 3, 10, 9)
    assert find_next(TUESDAY_9, datetime(2026, 3, 3, 8, 59)) == datetime(2026, 3, 3, 9)
