"""Find times in which many different values come close together.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_right
from collections import Counter, deque, namedtuple
from datetime import datetime

# `start`, `end`: times of the first and the last entry.
Span = namedtuple("Span", "start end")


def find_crowded_spans(entries, window, minimum):
    """Find the times with enough different values within a window.

    An entry is in a span if a window around it has enough values, so entries that are
    further away than the window do not matter. More entries never end a span.

    :param list[tuple] entries: time and any hashable value, oldest first
    :param timedelta window: longest time from the first to the last value
    :param int minimum: number of different values
    :return: spans that do not overlap, oldest first
    :rtype: list[Span]
    """
    spans = []
    recent = deque()
    counts = Counter()  # value -> number of recent entries
    for entry in entries:
        occurred_at, value = entry
        recent.append(entry)
        counts[value] += 1
        while occurred_at - recent[0][0] > window:
            old_value = recent.popleft()[1]
            counts[old_value] -= 1
            if not counts[old_value]:
                del counts[old_value]
        if len(counts) >= minimum:
            start = recent[0][0]
            if spans and start <= spans[-1].end:
                start = spans.pop().start
            spans.append(Span(start, occurred_at))
    return spans


def is_in_spans(spans, occurred_at):
    """Return whether a time is in one of these spans.

    :param list[Span] spans: spans that do not overlap, oldest first
    :param datetime occurred_at:
    :rtype: bool
    """
    position = bisect_right(spans, (occurred_at, datetime.max))
    return bool(position) and occurred_at <= spans[position - 1].end
