"""A file that is downloaded in parts is recorded as one download."""

import random
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged

from odoo.addons.pipeline_tracking.tools.repeats import (
    PART_PAUSE,
    find_download_parts,
    merge_download_parts,
)

from ..helpers.files_case import PDF, FilesCase
from ..helpers.held_clicks_case import BODY, HeldClicksCase
from ..helpers.user_agents import CHROME, OUTLOOK

START = datetime(2026, 6, 1, 8)
SIZE = len(PDF)


def at(seconds):
    return START + timedelta(seconds=seconds)


def cover(choose, size):
    """Return ranges that cover the whole file, in random order, some of them twice."""
    cuts = sorted(choose.sample(range(1, size), choose.randint(1, 5)))
    ranges = [
        f"bytes={start}-{end - 1}"
        for start, end in zip([0, *cuts], [*cuts, size], strict=True)
    ]
    last = size - cuts[-1]
    ranges[-1] = choose.choice([ranges[-1], f"bytes={cuts[-1]}-", f"bytes=-{last}"])
    ranges += choose.sample(ranges, choose.randint(0, 2))
    choose.shuffle(ranges)
    return ranges


# ----------------------------------------------------------------
# tools/repeats
# ----------------------------------------------------------------

moments = st.integers(0, 3000).map(at)
requests = st.lists(
    st.tuples(st.sampled_from("ab"), moments, st.booleans()), max_size=30
)


def merge_in_pieces(pieces):
    """Return the downloads that are recorded for requests in several batches."""
    downloads = []
    for new in pieces:
        candidates = downloads + new
        positions = merge_download_parts(downloads, new)
        for number, position in enumerate(positions, len(downloads)):
            if position != number and not candidates[number][2]:
                assert candidates[position][2], "a whole download replaces only parts"
                candidates[position] = (*candidates[position][:2], False)
        downloads = candidates[: len(downloads)] + [
            candidates[number]
            for number, position in enumerate(positions, len(downloads))
            if number == position
        ]
    return downloads


@given(st.lists(requests, max_size=4))
def test_whole_downloads_are_not_merged(pieces):
    """A client has a download for each whole request, and none without a request."""
    downloads = merge_in_pieces(pieces)
    for client in "ab":
        requests_of_client = [
            request for new in pieces for request in new if request[0] == client
        ]
        wholes = sum(not request[2] for request in requests_of_client)
        recorded = [request for request in downloads if request[0] == client]
        assert wholes <= len(recorded) <= len(requests_of_client)
        assert bool(recorded) == bool(requests_of_client)


@given(
    st.lists(st.tuples(st.integers(0, 300).map(at), st.booleans()), min_size=1),
    st.randoms(),
)
def test_parts_within_minutes_add_no_download(times, choose):
    """In any order and batches: as many downloads as whole requests, or one."""
    requests = [("a", occurred_at, is_part) for occurred_at, is_part in times]
    choose.shuffle(requests)
    cut = choose.randint(0, len(requests))
    wholes = sum(not is_part for _when, is_part in times)
    for pieces in (
        [requests],
        [requests[:cut], requests[cut:]],
        [[request] for request in requests],
    ):
        assert len(merge_in_pieces(pieces)) == max(wholes, 1)


def test_parts_of_another_client_or_much_later_are_not_merged():
    later = PART_PAUSE + timedelta(seconds=1)
    known = [("a", START, False)]
    new = [
        ("b", START, True),
        ("a", START + PART_PAUSE, True),
        ("a", START + later, True),
        ("a", START + later + later, False),
    ]
    assert merge_download_parts(known, new) == [1, 0, 3, 4]


def test_many_requests_are_merged_quickly():
    flood = [("a", at(number / 10), number % 2 == 0) for number in range(20_000)]
    merge_in_pieces([flood])


def test_find_download_parts():
    first, later = START, START + timedelta(seconds=30)
    parts = find_download_parts(
        [
            (first, "a", False),
            (at(1), "a", True),
            (at(2.5), "a", True),
            (at(2.5), "b", True),
            (later, "a", True),
            (at(400), "a", True),
        ]
    )
    assert parts == [
        (False, first),
        (True, first),
        (True, first),
        (False, at(2.5)),
        (True, later),
        (False, at(400)),
    ]


# ----------------------------------------------------------------
# Over HTTP
# ----------------------------------------------------------------


@tagged("post_install", "-at_install")
class TestDownloads(FilesCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send_files(("Offer.pdf", PDF))
        self.url = self.delivered.links["Offer.pdf"]

    def request_ranges(self, *ranges, **headers):
        for byte_range in ranges:
            response = self.get(
                self.url, **({"Range": byte_range} if byte_range else {}), **headers
            )
            self.assertIn(response.status_code, (200, 206))
            self.assertTrue(response.content)

    def assertDownloads(self, count):
        self.assertEqual(len(self.downloads(self.trackable)), count)
        self.assertEqual(self.trackable.click_count, count)

    def assertOneDownload(self, *ranges):
        """Assert that requests are one download, in one batch and in several."""
        for is_processed_each in (False, True):
            with self.subTest(ranges=ranges, is_processed_each=is_processed_each):
                before = len(self.downloads(self.trackable))
                for byte_range in ranges:
                    self.request_ranges(byte_range)
                    if is_processed_each:
                        self.process()
                self.assertDownloads(before + 1)
                self.assertEqual(self.trackable.raw_click_count, before + 1)
            self.wait(3600)

    def test_download_in_parts(self):
        for ranges in (
            ("bytes=0-1", "bytes=2-"),
            ("bytes=2-", "bytes=0-1"),
            ("bytes=0-0", "bytes=1-"),
            (f"bytes=-{SIZE - 1}",),
            (f"bytes=-{SIZE - 1}", "bytes=0-0"),
            ("bytes=0-1", "bytes=0-"),  # a player starts like this
            ("bytes=0-0", None),  # a download manager starts like this
            (None, "bytes=5000-"),  # a resumed download
            ("bytes=0-4999", "bytes=5000-"),
            (
                None,
                *(f"bytes={n}-{n + 511}" for n in range(0, SIZE - 512, 512)),
            ),  # a PDF viewer
        ):
            self.assertOneDownload(*ranges)

    def test_download_in_random_parts(self):
        choose = random.Random(10)
        for _case in range(12):
            self.assertOneDownload(*cover(choose, SIZE))

    def test_single_small_part_is_recorded(self):
        """The client received a part of the file, as after an interrupted download."""
        self.assertOneDownload("bytes=0-0")

    def test_two_whole_downloads(self):
        self.request_ranges(None, None)
        self.assertDownloads(2)
        self.request_ranges("bytes=5-")
        self.assertDownloads(2)

    def test_parts_of_two_clients(self):
        self.request_ranges("bytes=0-1")
        self.request_ranges("bytes=2-", **{"User-Agent": OUTLOOK})
        self.assertDownloads(2)

    def test_video_played_for_an_hour(self):
        """A video is one download while no pause is longer than five minutes."""
        # The hour lies within one day of the sender's time zone.
        offset = 14 - datetime.now(timezone.utc).hour
        self.trackable.user_id.tz = f"Etc/GMT{-offset:+d}"
        self.request_ranges("bytes=0-")
        for number in range(20):
            self.wait(180)
            self.request_ranges(f"bytes={number + 5}-{number + 50}")
            self.process()
        counted = self.downloads(self.trackable).filtered(
            lambda action: not action.is_repeat
        )
        self.assertEqual(len(counted), 1)
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEqual(self.trackable.link_ids.click_count, 1)
        repeats = self.trackable.action_ids.filtered("is_repeat")
        self.assertEqual(
            set(repeats.mapped("why")),
            {"Another part of the same download: not counted again"},
        )
        self.assertIn("downloaded “Offer.pdf” ·", self.entry_text(self.lead))
        self.wait(900)
        self.request_ranges("bytes=5-")
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=2)

    def test_responses_without_content_are_not_downloads(self):
        etag = self.get(self.url, method="HEAD").headers["ETag"]
        (head,) = self.downloads(self.trackable)
        self.assertEqual(head.actor, "machine")
        for headers, status in (
            ({"If-None-Match": "*"}, 304),
            ({"If-None-Match": etag}, 304),
            ({"Range": f"bytes={SIZE}-"}, 416),
        ):
            with self.subTest(headers=headers):
                response = self.get(self.url, **headers)
                self.assertEqual(response.status_code, status)
                self.assertNotIn(PDF[:9], response.content)
                self.assertEqual(self.downloads(self.trackable), head)
        # The same checks detect a response with content.
        self.assertEqual(self.get(self.url, **{"If-None-Match": '"x"'}).content, PDF)
        self.assertEqual(len(self.downloads(self.trackable)), 2)
        self.wait(3600)
        self.request_ranges("bytes=0-5", **{"If-None-Match": "*"})  # 206 with a part
        self.assertEqual(len(self.downloads(self.trackable)), 3)

    def test_parts_are_merged_by_time_without_user_agents(self):
        self.trackable.company_id.tracking_keep_user_agent = False
        self.request_ranges("bytes=0-1")
        self.process()
        self.request_ranges("bytes=2-", **{"User-Agent": OUTLOOK})
        self.assertDownloads(1)


@tagged("post_install", "-at_install")
class TestPartsAndBursts(HeldClicksCase, FilesCase):
    """A player requests parts faster than a person clicks."""

    def setUp(self):
        super().setUp()
        self.hold(0)
        self.delivered, self.trackable = self.send_files(("Film.mp4", PDF), body=BODY)
        self.file = self.delivered.links["Film.mp4"]

    def happen(self, *events):
        """Append hits at given times, and return label and actor of the actions."""
        for seconds, label, is_part in events:
            url = self.delivered.links[label]
            self.hit(url, user_agent=CHROME, is_part=is_part)
            self.env.cr.execute(
                "UPDATE trackable_hit SET occurred_at = %s"
                " WHERE id = (SELECT max(id) FROM trackable_hit)",
                [at(seconds)],
            )
        self.env.invalidate_all()
        self.process()
        return {
            (action.trackable_link_id.label, action.actor)
            for action in self.trackable.action_ids
            if action.kind != "open"
        }

    def test_video_played_while_a_person_clicks(self):
        labels = [label for label in self.delivered.links if label != "Film.mp4"]
        # Longer than a slow scan of every link.
        clicks = {label: 60 * number for number, label in enumerate(labels, 1)}
        events = [(second, "Film.mp4", True) for second in range(250)]
        events += [(second, label, False) for label, second in clicks.items()]
        self.assertEqual(
            self.happen(*sorted(events)),
            {(label, "recipient") for label in self.delivered.links},
        )

    def test_scanner_that_requests_parts(self):
        events = [
            (number / 10, label, label == "Film.mp4")
            for number, label in enumerate(self.delivered.links)
        ]
        downloads = self.happen(
            *events, *((second, "Film.mp4", True) for second in (2, 4))
        )
        self.assertEqual(
            downloads, {(label, "machine") for label in self.delivered.links}
        )
        # A person downloads the file, too.
        self.assertIn(("Film.mp4", "recipient"), self.happen((60, "Film.mp4", True)))
