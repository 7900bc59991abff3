"""tools/source_scans: one network that opens the emails of several people at once."""

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.source_scans import (
    MAX_WINDOW,
    SourceRequest,
    find_source_scans,
)

START = datetime(2026, 6, 1, 8)
SOON, LATE = timedelta(seconds=40), timedelta(hours=2)


def make(seconds, recipient, since_sent=SOON, source="gateway"):
    return SourceRequest(
        START + timedelta(seconds=seconds), source, recipient, since_sent
    )


@pytest.mark.parametrize(
    "requests",
    [
        [make(n * 0.9, n) for n in range(3)],
        [make(n * 3, n) for n in range(4)],
        [make(n * 0.7, n, LATE) for n in range(5)],  # scanned again at night
        [make(n * 1.4, n, LATE) for n in range(8)],
        [make(n * 3, n) for n in range(40)],
        # images and links of each email
        [make(n * 3 + part, n) for n in range(4) for part in (0, 0.5)],
    ],
)
def test_scan_of_the_emails_of_several_people(requests):
    assert all(find_source_scans(requests))
    # A person in another network, and a person later, do not belong to it.
    others = [make(1, "another", source="office"), make(600, "later")]
    assert find_source_scans([*requests, *others])[-2:] == [False, False]


@pytest.mark.parametrize(
    "requests",
    [
        [make(n, "one person") for n in range(9)],  # reads several of our emails
        [make(n, n) for n in range(2)],  # two people
        [make(n * 1.1, n) for n in range(3)],  # three people, not at once
        [make(n * 4, n) for n in range(9)],
        [make(n * 3, n, LATE) for n in range(9)],  # an office in the morning
        [make(n * 0.9, n, LATE) for n in range(4)],
        [make(n * 0.9, n, None) for n in range(4)],  # the time is not known
        [make(n * 0.9, n, source=n) for n in range(9)],  # each from another network
    ],
)
def test_people_are_no_scan(requests):
    assert not any(find_source_scans(requests))


def test_forty_people_behind_one_address():
    """They open their emails within an hour, some of them in the same seconds."""
    choose = random.Random(1)
    hours = [
        find_source_scans(
            [
                make(
                    choose.uniform(0, 3600), n, timedelta(minutes=choose.uniform(1, 60))
                )
                for n in range(40)
            ]
        )
        for _hour in range(250)
    ]
    lost = sum(map(sum, hours))
    assert lost <= 0.005 * 40 * 250


requests_of = st.lists(
    st.builds(
        make,
        st.integers(0, 30),
        st.integers(0, 9),
        st.sampled_from([SOON, LATE, None]),
        st.sampled_from(["gateway", "office"]),
    ),
    max_size=30,
)


@given(requests_of, st.randoms())
def test_order_does_not_matter(requests, chance):
    expected = dict(zip(map(id, requests), find_source_scans(requests), strict=True))
    shuffled = chance.sample(requests, len(requests))
    found = find_source_scans(shuffled)
    assert [expected[id(request)] for request in shuffled] == found


@given(requests_of, requests_of)
def test_more_requests_do_not_end_a_scan(requests, more):
    before = find_source_scans(requests)
    after = find_source_scans([*requests, *more])[: len(requests)]
    assert all(now for was, now in zip(before, after, strict=True) if was)


@given(requests_of)
def test_only_near_requests_matter(requests):
    found = find_source_scans(requests)
    for request, is_scan in zip(requests, found, strict=True):
        near = [
            other
            for other in requests
            if abs(other.occurred_at - request.occurred_at) <= MAX_WINDOW
        ]
        assert find_source_scans(near)[near.index(request)] == is_scan
