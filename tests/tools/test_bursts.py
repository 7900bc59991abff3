"""tools/bursts: links that are followed faster than a person can."""

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


def bursts(link_count, *requests):
    """The bursts among requests: (seconds, link).

    :return: first and last second of each
    """
    found_bursts = find_bursts(
        [LinkRequest(at(seconds), link) for seconds, link in requests], link_count
    )
    return [
        tuple((time - START).total_seconds() for time in burst)
        for burst in found_bursts
    ]


@pytest.mark.parametrize(
    "link_count, requests, expected",
    [
        # three distinct links within two seconds
        (9, [(0, "a"), (1, "b"), (2, "c")], [(0, 2)]),
        (9, [(2, "c"), (0, "a"), (1, "b")], [(0, 2)]),  # in whatever order they come
        (9, [(0, "a"), (0, "b"), (0, "c")], [(0, 0)]),
        # and whatever belongs to the same run
        (9, [(0, "a"), (1, "b"), (2, "c"), (3.9, "a"), (5.8, "d")], [(0, 5.8)]),
        # every link, at a steady pace
        (2, [(0, "a"), (1.5, "b")], [(0, 1.5)]),
        (5, [(n * 1.9, n) for n in range(5)], [(0, 7.6)]),
        # twice
        (2, [(0, "a"), (1, "b"), (60, "b"), (61, "a")], [(0, 1), (60, 61)]),
    ],
)
def test_bursts(link_count, requests, expected):
    assert bursts(link_count, *requests) == expected


@pytest.mark.parametrize(
    "link_count, requests",
    [
        (9, []),
        (1, [(0, "a")]),  # the only link there is
        (1, [(n / 10, "a") for n in range(30)]),  # a person who is impatient
        (9, [(0, "a"), (1, "b"), (1.5, "a")]),  # two of many
        (9, [(0, "a"), (1.5, "b"), (2.5, "c")]),  # three, but slower
        (3, [(0, "a"), (2.5, "b"), (5, "c")]),  # every file of an email, one by one
        (2, [(0, "a"), (2.1, "b")]),
        (5, [(n * 2.1, n) for n in range(5)]),
        (0, [(0, None)]),  # links that are gone
    ],
)
def test_people_who_follow_several_links(link_count, requests):
    assert bursts(link_count, *requests) == []


def test_what_is_of_a_burst():
    found_bursts = find_bursts([LinkRequest(at(n), n) for n in (0, 1, 2)], 9)
    for seconds, is_link, is_image in (
        (-3, False, False),
        (-2, False, True),  # the image, just before
        (0, True, True),
        (1.5, True, True),
        (2, True, True),
        (4, False, True),
        (4.1, False, False),  # a person, just after
    ):
        assert is_link_in_burst(found_bursts, at(seconds)) == is_link
        assert is_image_near_burst(found_bursts, at(seconds)) == is_image
    assert not is_link_in_burst([], START) and not is_image_near_burst([], START)


requests_of = st.lists(
    st.tuples(st.floats(0, 60), st.integers(0, 5)),
    max_size=30,
    unique_by=lambda r: r[0],
)


@given(requests_of, st.integers(1, 6))
def test_a_burst_is_what_the_rule_says(requests, link_count):
    """As the rule is written down: three within two seconds, or every link of a run."""
    requests = sorted(requests)
    found_bursts = bursts(link_count, *requests)

    def is_in_burst(seconds):
        return any(start <= seconds <= end for start, end in found_bursts)

    pace = BURST_PACE.total_seconds()
    rounded = [
        ((at(seconds) - START).total_seconds(), link) for seconds, link in requests
    ]
    for seconds, _link in rounded:
        close = {link for when, link in rounded if 0 <= when - seconds <= pace}
        if len(close) >= 3:
            assert is_in_burst(seconds)
    for start, end in found_bursts:
        links = {link for when, link in rounded if start <= when <= end}
        assert len(links) >= min(3, max(link_count, 2))
    if len({link for _when, link in requests}) < 2:
        assert not found_bursts


@given(requests_of, st.integers(1, 6), st.data())
def test_what_comes_later_never_acquits(requests, link_count, data):
    """What was found to be a burst stays one, whatever comes after."""
    before = data.draw(st.sets(st.sampled_from(requests))) if requests else set()
    small = find_bursts([LinkRequest(at(s), x) for s, x in before], link_count)
    large = find_bursts([LinkRequest(at(s), x) for s, x in requests], link_count)
    for seconds, _link in before:
        if is_link_in_burst(small, at(seconds)):
            assert is_link_in_burst(large, at(seconds))


def test_a_flood_takes_no_time():
    flood = [LinkRequest(at(n / 1000), n % 2) for n in range(200_000)]
    with within(20):
        assert find_bursts(flood, 99) == []
        flood.append(LinkRequest(at(1), "third"))
        assert len(find_bursts(flood, 99)) == 1
