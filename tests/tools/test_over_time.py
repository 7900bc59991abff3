"""tools/over_time: bars without gaps that leave nothing out."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.over_time import DAY, HOUR, bars

START = datetime(2026, 3, 2, 9, 40)
hours = st.integers(-5, 24 * 90).map(lambda hour: START.replace(minute=0) + hour * HOUR)


def summary(counts, now):
    return [(f"{bar.start:%d.%H}", bar.count) for bar in bars(counts, START, now)]


def test_hours_while_it_is_young():
    counts = {datetime(2026, 3, 2, 10): 3, datetime(2026, 3, 2, 12): 1}
    assert summary(counts, START + 4 * HOUR) == [
        ("02.09", 0),
        ("02.10", 3),
        ("02.11", 0),
        ("02.12", 1),
        ("02.13", 0),
    ]


def test_days_afterwards():
    counts = {datetime(2026, 3, 2, 10): 3, datetime(2026, 3, 4, 23): 1}
    assert summary(counts, START + 3 * DAY) == [
        ("02.00", 3),
        ("03.00", 0),
        ("04.00", 1),
        ("05.00", 0),
    ]


def test_a_week_is_shown_and_no_more_than_happened():
    assert len(bars({}, START, START + 60 * DAY)) == 7
    assert len(bars({datetime(2026, 3, 20, 10): 1}, START, START + 60 * DAY)) == 19


def test_what_came_after_a_month_is_one_bar():
    counts = {datetime(2026, 3, 31, 23): 1, datetime(2026, 4, 1, 0): 2, START: 4}
    *days, later = bars(counts, START, START + 90 * DAY)
    assert (len(days), days[0].count, days[-1].count) == (30, 4, 1)
    assert (later.unit, later.count) == (None, 2)


@given(st.dictionaries(hours, st.integers(1, 9)), st.integers(0, 24 * 100))
def test_nothing_is_left_out_and_nothing_is_missing_between(counts, age):
    found = bars(counts, START, START + age * HOUR)
    assert sum(bar.count for bar in found) == sum(counts.values())
    assert len(found) <= 49
    for one, other in zip(found, found[1:], strict=False):
        assert other.start - one.start in (HOUR, DAY)
    assert all(timedelta(0) <= bar.start - found[0].start for bar in found)
