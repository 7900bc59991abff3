"""tools/bursts: links that are requested faster than a person clicks."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.bursts import (
    BURST_PACE,
    LinkRequest,
    OpenRequest,
    find_bursts,
    find_slow_scans,
    is_image_near_burst,
)
from odoo.addons.pipeline_tracking.tools.crowded_spans import is_in_spans

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


def test_the_decoy_link_is_one_more_link():
    decoy = LinkRequest(at(0), "decoy", is_decoy=True)
    links = [LinkRequest(at(n / 2), link) for n, link in enumerate("ab", 1)]
    assert find_bursts([decoy, *links], 9)
    assert find_bursts([decoy, links[0]], 1)
    assert not find_bursts([decoy, links[0]], 2)
    # A hasty person does not follow it.
    opens = [OpenRequest(at(-10))]
    requests = [LinkRequest(at(n / 2), link) for n, link in enumerate("abc")]
    assert not find_bursts(requests, 9, opens)
    assert find_bursts([*requests[:2], requests[2]._replace(is_decoy=True)], 9, opens)


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
        assert is_in_spans(bursts, at(seconds)) == is_link
        assert is_image_near_burst(bursts, at(seconds)) == is_image
    assert not is_in_spans([], START) and not is_image_near_burst([], START)


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
        if is_in_spans(small, at(seconds)):
            assert is_in_spans(large, at(seconds))


# ------------------------------------------------------------
# Hasty people
# ------------------------------------------------------------


HASTY = [(0, "a"), (0.7, "b"), (1.9, "c")]


def find_with_opens(requests, opens, link_count=3, client="browser", network="home"):
    """Find the bursts among requests (seconds, link) after opens (seconds)."""
    return find_bursts(
        [
            LinkRequest(at(seconds), link, client, network="home")
            for seconds, link in requests
        ],
        link_count,
        [OpenRequest(at(seconds), network) for seconds in opens],
    )


def test_hasty_person_is_not_a_burst():
    for opens in ([-2], [-600], [-700, -30]):
        assert find_with_opens(HASTY, opens) == []
    assert find_with_opens(HASTY, [-30], network="") == []  # in an email client
    # The open was a person's, but a scanner in another network follows the links.
    assert find_with_opens(HASTY, [-30], network="mobile")
    # Soon after sending, two or three links in seconds are a scanner's.
    requests = [LinkRequest(at(seconds), link, "a") for seconds, link in HASTY]
    for sent, count in ((-130, 0), (-60, 1), (None, 0)):
        sent_at = None if sent is None else at(sent)
        opens = [OpenRequest(at(-30))]
        assert len(find_bursts(requests, 3, opens, sent_at=sent_at)) == count
    # one of two links again, too
    assert find_with_opens([(0, "a"), (1, "b"), (2, "a")], [-5], 2) == []


@pytest.mark.parametrize(
    "requests, opens",
    [
        (HASTY, []),  # without an open
        (HASTY, [-1.9]),  # nobody reads an email so fast
        (HASTY, [-601]),
        (HASTY, [3]),  # the open comes later
        ([(0, "a"), (0.3, "b"), (1.9, "c")], [-5]),  # nobody clicks so fast
        ([(0, "a"), (0.5, "b"), (1, "c"), (1.5, "d")], [-5]),  # four links
        ([(n * 1.5, "abc"[n % 3]) for n in range(5)], [-5]),  # longer than 5 s
    ],
)
def test_scanner_is_no_hasty_person(requests, opens):
    assert len(find_with_opens(requests, opens)) == 1


def test_two_clients_are_no_hasty_person():
    requests = [
        LinkRequest(at(seconds), link, client)
        for client, (seconds, link) in enumerate(HASTY)
    ]
    assert len(find_bursts(requests, 3, [OpenRequest(at(-5))])) == 1


# ------------------------------------------------------------
# Slow scans
# ------------------------------------------------------------


def find_slow(*requests, link_count=4):
    """Find the slow scans among requests (seconds, link, client).

    :return: client -> first and last second of each scan; without empty entries
    """
    scans = find_slow_scans(
        [LinkRequest(at(seconds), link, client) for seconds, link, client in requests],
        link_count,
    )
    return {
        client: [
            tuple((time - START).total_seconds() for time in span) for span in spans
        ]
        for client, spans in scans.items()
        if spans
    }


def test_every_link_by_one_client_is_a_slow_scan():
    requests = [(n * 50, n, "scanner") for n in range(4)]
    assert find_slow(*requests) == {"scanner": [(0, 150)]}
    # A person at the same time is not part of it.
    assert find_slow(*requests, (70, 2, "person")) == {"scanner": [(0, 150)]}


def test_every_link_by_any_clients_is_a_slow_scan():
    requests = [(n * 4, n, f"address {n}") for n in range(4)]
    assert find_slow(*requests) == {None: [(0, 12)]}


@pytest.mark.parametrize(
    "requests, link_count",
    [
        ([(n * 50, n, "person") for n in range(3)], 4),  # not every link
        ([(n * 50, n, "person") for n in range(3)], 3),  # too few links
        ([(n * 61, n, "person") for n in range(4)], 4),  # longer than 3 min
        ([(n * 4.1, n, f"person {n}") for n in range(4)], 4),  # longer than 12 s
        ([(n * 50, 1, "person") for n in range(9)], 4),  # the same link again
    ],
)
def test_slow_reader_is_no_scan(requests, link_count):
    assert find_slow(*requests, link_count=link_count) == {}


# ------------------------------------------------------------
# Early images
# ------------------------------------------------------------


def test_image_before_a_burst():
    bursts = find_bursts([LinkRequest(at(n), n) for n in (0, 1, 2)], 9)
    for seconds, sent, is_near in (
        (-33, -42, True),
        (-90, -100, True),
        (-91, -100, False),
        (-33, -153, True),
        (-33, -154, False),  # a person opens the email later
        (-33, None, False),
        (-33, -32, False),  # sent again later
        (5, -42, False),
    ):
        sent_at = None if sent is None else at(sent)
        assert is_image_near_burst(bursts, at(seconds), sent_at) == is_near


def test_flood_is_searched_quickly():
    flood = [LinkRequest(at(n / 1000), n % 2) for n in range(200_000)]
    with within(20):
        assert find_bursts(flood, 99) == []
        flood.append(LinkRequest(at(1), "third"))
        assert len(find_bursts(flood, 99)) == 1
