"""Find when a person usually opens emails: a weekday and one or two hours."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

# Less data shows chance, not a habit.
MIN_OPENS = 5
MIN_DAYS = 3
MIN_SHARE = 0.25  # of the opens, in the usual time
DAYS_IN_USUAL_TIME = 2  # on which the person opened an email at that time


@dataclass(frozen=True)
class UsualTime:
    """A time of the week.

    :param int weekday: 0 is Monday
    :param int start: first hour, 0 to 23
    :param int end: end of the last hour, 1 to 24
    """

    weekday: int
    start: int
    end: int


def find_usual_time(times):
    """Find the one or two consecutive hours of a weekday with the most opens. Leave out
    an hour without opens.

    :param list[datetime] times: of opens, naive, in the time zone of the reader
    :return: None if there are too few opens, or if no time stands out
    :rtype: UsualTime | None
    """
    dates = {time.date() for time in times}
    if len(times) < MIN_OPENS or len(dates) < MIN_DAYS:
        return None
    counts = Counter((time.weekday(), time.hour) for time in times)
    counts_by_time = {
        _get_span(weekday, hour, counts): counts[weekday, hour]
        + counts[weekday, hour + 1]
        for weekday, hour in counts
    }
    highest = max(counts_by_time.values())
    best_times = [time for time, count in counts_by_time.items() if count == highest]
    best = max(best_times, key=lambda time: (time.end - time.start, -time.start))
    if any(not _overlaps(time, best) for time in best_times):
        return None
    best_dates = {
        time.date()
        for time in times
        if time.weekday() == best.weekday and best.start <= time.hour < best.end
    }
    is_habit = len(best_dates) >= DAYS_IN_USUAL_TIME
    return best if is_habit and highest >= MIN_SHARE * len(times) else None


def _get_span(weekday, hour, counts):
    return UsualTime(weekday, hour, hour + (2 if counts[weekday, hour + 1] else 1))


def _overlaps(time, other):
    return (
        time.weekday == other.weekday
        and time.start < other.end
        and other.start < time.end
    )


def find_next(usual_time, now):
    """Return the next beginning of a usual time.

    :param UsualTime usual_time:
    :param datetime now: naive, in the time zone of the usual time
    :return: in the same time zone, after ``now`` and within a week
    :rtype: datetime
    """
    start = now.replace(hour=usual_time.start, minute=0, second=0, microsecond=0)
    start += timedelta(days=(usual_time.weekday - now.weekday()) % 7)
    return start if start > now else start + timedelta(days=7)
