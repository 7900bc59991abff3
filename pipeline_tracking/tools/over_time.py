"""What happened over time, as bars: hours while it is young, days afterwards.

Times are naive `datetime`s of the reader's time zone.
"""

from collections import defaultdict, namedtuple
from datetime import timedelta

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
YOUNG = 2 * DAY
FEW_DAYS = 7
MANY_DAYS = 30

# `start`: of the hour or the day. `unit`: HOUR or DAY; None: of all that came later.
Bar = namedtuple("Bar", "start unit count")


def bars(counts, start, now):
    """Bars without gaps, whose counts add up to all that there was.

    Days end with the last on which something happened, or after a week, and what came
    after a month is in one bar: the first days are what one looks at.

    :param dict[datetime, int] counts: by the beginning of the hour
    :param datetime start: when it began
    :param datetime now:
    :rtype: list[Bar]
    """
    start = min([start, *counts])
    last = max([start, *counts])
    if max(now, last) - start < YOUNG:
        first = start.replace(minute=0, second=0, microsecond=0)
        return _fill(counts, first, max(now, last), HOUR)
    days, later = defaultdict(int), 0
    first = _day(start)
    end = first + (MANY_DAYS - 1) * DAY
    for hour, count in counts.items():
        if hour < end + DAY:
            days[_day(hour)] += count
        else:
            later += count
    shown = max([*days, min(first + (FEW_DAYS - 1) * DAY, _day(now))])
    if not later:
        return _fill(days, first, shown, DAY)
    return [*_fill(days, first, end, DAY), Bar(end + DAY, None, later)]


def _day(moment):
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _fill(counts, first, last, unit):
    number = (last - first) // unit + 1
    starts = (first + index * unit for index in range(number))
    return [Bar(start, unit, counts.get(start, 0)) for start in starts]
