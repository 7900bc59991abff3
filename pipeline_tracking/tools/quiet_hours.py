"""Hours of the day in which a person is not to be disturbed."""

from datetime import timedelta

import pytz

DAY_MINUTES = 24 * 60


def find_end(now, zone, start, end):
    """When the quiet hours that a moment falls into end.

    They can go past midnight. Where clocks are changed, an end that comes twice, or not
    at all, is the later one: at the moment that is given, they are over.

    :param datetime now: UTC, naive
    :param pytz.BaseTzInfo zone: by whose clock they are
    :param float start: hours since midnight, 0 to 24
    :param float end: as ``start``; the same: there are none
    :return: UTC, naive; None where it is not quiet
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
    # In Dublin and Casablanca it is winter time that counts as "daylight saving".
    later = max(zone.localize(ends_at, is_dst=is_dst) for is_dst in (True, False))
    return later.astimezone(pytz.utc).replace(tzinfo=None)
