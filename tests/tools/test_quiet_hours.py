"""Quiet hours end at the right time, also past midnight and when clocks change."""

from datetime import datetime, timedelta
from itertools import product

import pytest
import pytz

from odoo.addons.pipeline_tracking.tools.quiet_hours import find_end

PARIS = pytz.timezone("Europe/Paris")


@pytest.mark.parametrize(
    ("now", "start", "end", "expected"),
    [
        # within a day in winter: Paris is an hour ahead of UTC
        ("2026-01-15 10:59", 12, 14, None),
        ("2026-01-15 11:00", 12, 14, "2026-01-15 13:00"),
        ("2026-01-15 12:59", 12, 14, "2026-01-15 13:00"),
        ("2026-01-15 13:00", 12, 14, None),
        ("2026-01-15 11:29", 12.5, 13.75, None),
        ("2026-01-15 11:30", 12.5, 13.75, "2026-01-15 12:45"),
        # past midnight
        ("2026-01-15 16:59", 18, 8, None),
        ("2026-01-15 17:00", 18, 8, "2026-01-16 07:00"),
        ("2026-01-15 23:30", 18, 8, "2026-01-16 07:00"),  # the next day in Paris
        ("2026-01-16 06:59", 18, 8, "2026-01-16 07:00"),
        ("2026-01-16 07:00", 18, 8, None),
        ("2026-01-31 20:00", 18, 8, "2026-02-01 07:00"),
        # until midnight, and from midnight
        ("2026-01-15 22:59", 18, 24, "2026-01-15 23:00"),
        ("2026-01-15 23:00", 18, 24, None),
        ("2026-01-15 23:00", 0, 6, "2026-01-16 05:00"),
        ("2026-01-15 23:00", 24, 6, "2026-01-16 05:00"),
        # no quiet hours
        ("2026-01-15 12:00", 0, 0, None),
        ("2026-01-15 12:00", 13, 13, None),
        # summer time begins on March 29, 2026, at 2:00, and ends on October 25 at 3:00
        ("2026-03-28 22:00", 22, 8, "2026-03-29 06:00"),
        ("2026-10-24 21:00", 22, 8, "2026-10-25 07:00"),
        ("2026-03-29 00:45", 22, 2.5, "2026-03-29 01:30"),  # there is no 2:30
        ("2026-03-29 01:30", 22, 2.5, None),
        ("2026-10-25 00:15", 22, 2.5, "2026-10-25 01:30"),  # the second 2:30
        ("2026-10-25 01:30", 22, 2.5, None),
    ],
)
def test_find_end(now, start, end, expected):
    ends_at = find_end(datetime.fromisoformat(now), PARIS, start, end)
    assert ends_at == (expected and datetime.fromisoformat(expected))


def test_no_quiet_hours_at_their_end():
    """A notification is not postponed again at the end of quiet hours."""
    for zone in map(pytz.timezone, ("Europe/Paris", "Australia/Lord_Howe", "UTC")):
        for day in ("2026-03-29", "2026-10-25", "2026-04-05", "2026-10-04"):
            for hours, half_hours in product(range(24), range(2)):
                now = datetime.fromisoformat(f"{day} {hours:02}:{half_hours * 30:02}")
                for end in (0, 1.75, 2, 2.25, 2.5, 3, 8):
                    ends_at = find_end(now, zone, 22, end)
                    if ends_at:
                        assert ends_at > now
                        assert find_end(ends_at, zone, 22, end) is None


@pytest.mark.parametrize("zone", ["Europe/Dublin", "Africa/Casablanca", "Europe/Paris"])
def test_quiet_hours_end_in_the_future(zone):
    """Check each half hour of two years. Dublin has daylight saving time in winter."""
    now = datetime(2025, 1, 1)
    while now.year < 2027:
        end = find_end(now, pytz.timezone(zone), 22, 1.5)
        assert end is None or end > now, now
        now += timedelta(minutes=30)
