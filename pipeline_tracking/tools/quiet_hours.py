"""Compute quiet hours, the time of day in which a person gets no notifications."""

from datetime import timedelta

import pytz

DAY_MINUTES = 24 * 60


def find_end(now, zone, start, end):
    """Return when the current quiet hours end.

    Quiet hours can go past midnight. If clocks change, the end can exist twice or not
    at all. The later time is returned, when quiet hours are surely over.

    :param datetime now: UTC, naive
    :param pytz.BaseTzInfo zone: time zone of the hours
    :param float start: hours since midnight, 0 to 24
    :param float end: hours since midnight; if it equals ``start``, no hours are quiet
    :return: UTC, naive; None if the moment is not in quiet hours
    :rtype: datetime | None
    """
    start, end = (round(hours * 60) % DAY_MINUTES for hours in (start, end))
    local = pytz.utc.localize(now).astimezone(zone)
    minute = local.hour * 60 + local.minute
    goes_past_midnight = start > end
    if goes_past_midnight:
        is_quiet = minute >= start or minute < end
    else:
        is_quiet = start <= minute < end
    if not is_quiet:
        return None
    day = local.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    if goes_past_midnight and minute >= start:
        day += timedelta(days=1)
    ends_at = day + timedelta(minutes=end)
    # Both values: in Dublin and Casablanca, winter time counts as daylight saving.
    later = max(zone.localize(ends_at, is_dst=is_dst) for is_dst in (True, False))
    return later.astimezone(pytz.utc).replace(tzinfo=None)
