"""tools/bursts: links that are requested faster than a person clicks."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.bursts import (
    BURST_PACE,
    LinkRequest,
    find_bursts,
    is_image_near_burst,
    is_link_in_burst,
)

from ..helpers.time_limit import within

START = datetime(2026, 6, 1, 8)


def at(seconds):
    return START + timedelta(seconds=seconds)


def find_burst_seconds(link_count, *requests):
    """Find the bursts among requests (seconds, link).

    :return: the first and the last second of each burst
    """
    bursts = find_bursts(
        [LinkRequest(at(seconds), link) for seconds, link in requests], link_count
    )
    return [tuple((time - START).total_seconds() for time in burst) for burst in bursts]


@pytest.mark.parametrize(
    "link_count, requests, expected",
    [
        # three distinct links within two seconds
        (9, [(0, "a"), (1, "b"), (2, "c")], [(0, 2)]),
        (9, [(2, "c"), (0, "a"), (1, "b")], [(0, 2)]),  # in any order
        (9, [(0, "a"), (0, "b"), (0, "c")], [(0, 0)]),
        # including all other requests of the run
        (9, [(0, "a"), (1, "b"), (2, "c"), (3.9, "a"), (5.8, "d")], [(0, 5.8)]),
        # every link, at a steady pace
        (2, [(0, "a"), (1.5, "b")], [(0, 1.5)]),
        (5, [(n * 1.9, n) for n in range(5)], [(0, 7.6)]),
        # twice
        (2, [(0, "a"), (1, "b"), (60, "b"), (61, "a")], [(0, 1), (60, 61)]),
    ],
)
def test_links_followed_at_the_pace_of_a_burst(link_count, requests, expected):
    assert find_burst_seconds(link_count, *requests) == expected


@pytest.mark.parametrize(
    "link_count, requests",
    [
        (9, []),
        (1, [(0, "a")]),  # the only link
        (1, [(n / 10, "a") for n in range(30)]),  # an impatient person
        (9, [(0, "a"), (1, "b"), (1.5, "a")]),  # two of many links
        (9, [(0, "a"), (1.5, "b"), (2.5, "c")]),  # three, but slower
        (3, [(0, "a"), (2.5, "b"), (5, "c")]),  # every file of an email, one by one
        (2, [(0, "a"), (2.1, "b")]),
        (5, [(n * 2.1, n) for n in range(5)]),
        (0, [(0, None)]),  # deleted links
    ],
)
def test_links_followed_at_the_pace_of_a_person(link_count, requests):
    assert find_burst_seconds(link_count, *requests) == []


def test_requests_in_and_near_a_burst():
    bursts = find_bursts([LinkRequest(at(n), n) for n in (0, 1, 2)], 9)
    for seconds, is_link, is_image in (
        (-3, False, False),
        (-2, False, True),  # the image, just before the burst
        (0, True, True),
        (1.5, True, True),
        (2, True, True),
        (4, False, True),
        (4.1, False, False),  # a person, just after the burst
    ):
        assert is_link_in_burst(bursts, at(seconds)) == is_link
        assert is_image_near_burst(bursts, at(seconds)) == is_image
    assert not is_link_in_burst([], START) and not is_image_near_burst([], START)


requests_of = st.lists(
    st.tuples(st.floats(0, 60), st.integers(0, 5)),
    max_size=30,
    unique_by=lambda r: r[0],
)


@given(requests_of, st.integers(1, 6))
def test_bursts_follow_the_documented_rule(requests, link_count):
    """Compare with docs/field.md#clicks: three links within two seconds, or all."""
    requests = sorted(requests)
    bursts = find_burst_seconds(link_count, *requests)

    def is_in_burst(seconds):
        return any(start <= seconds <= end for start, end in bursts)

    pace = BURST_PACE.total_seconds()
    rounded = [
        ((at(seconds) - START).total_seconds(), link) for seconds, link in requests
    ]
    for seconds, _link in rounded:
        close = {link for when, link in rounded if 0 <= when - seconds <= pace}
        if len(close) >= 3:
            assert is_in_burst(seconds)
    for start, end in bursts:
        links = {link for when, link in rounded if start <= when <= end}
        assert len(links) >= min(3, max(link_count, 2))
    if len({link for _when, link in requests}) < 2:
        assert not bursts


@given(requests_of, st.integers(1, 6), st.data())
def test_later_requests_do_not_undo_a_burst(requests, link_count, data):
    """A request in a burst stays in a burst when more requests are known."""
    before = data.draw(st.sets(st.sampled_from(requests))) if requests else set()
    small = find_bursts([LinkRequest(at(s), x) for s, x in before], link_count)
    large = find_bursts([LinkRequest(at(s), x) for s, x in requests], link_count)
    for seconds, _link in before:
        if is_link_in_burst(small, at(seconds)):
            assert is_link_in_burst(large, at(seconds))


def test_flood_is_searched_quickly():
    flood = [LinkRequest(at(n / 1000), n % 2) for n in range(200_000)]
    with within(20):
        assert find_bursts(flood, 99) == []
        flood.append(LinkRequest(at(1), "third"))
        assert len(find_bursts(flood, 99)) == 1
