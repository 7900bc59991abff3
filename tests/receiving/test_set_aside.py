"""A hit that fails is set aside, and can be tried again. Other hits are processed."""

from functools import partial
from unittest.mock import patch

import psycopg2

from odoo.service.model import MAX_TRIES_ON_CONCURRENCY_FAILURE
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.pipeline_tracking.models.receiving import (
    trackable_hit_process as queue,
)

from ..common import TrackingCase
from ..helpers.user_agents import CHROME, FIREFOX, OUTLOOK

BAD = f"{CHROME} Bad/1.0"
BODY = '<a href="https://x.com/">x</a> <a href="https://y.com/">y</a>'
LOGGER = "odoo.addons.pipeline_tracking.models.receiving.trackable_hit_process"


@tagged("post_install", "-at_install")
class TestSetAside(TrackingCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send(BODY)
        self.other_delivered, self.other = self.send(BODY, record=self.customer)
        self.image, self.other_image = (
            delivered.image_urls[0]
            for delivered in (self.delivered, self.other_delivered)
        )
        self.administrator = new_test_user(self.env, "adam", "base.group_system")

    def failing(self, error=None):
        """Make hits with the user agent `BAD` fail, as a faulty extension would."""
        Hit = self.registry["trackable.hit"]
        prepare = Hit._prepare_facts

        def fail(hit):
            if hit.user_agent == BAD:
                raise error or ValueError("bad hit")
            return prepare(hit)

        return patch.object(Hit, "_prepare_facts", fail)

    @property
    def waiting(self):
        return self.env["trackable.hit"].search([])

    def test_other_hits_are_processed(self):
        self.hit(self.image)
        self.hit(self.image, user_agent=BAD)
        self.hit(self.image, user_agent=FIREFOX)
        self.hit(self.other_image)
        with self.failing(), self.assertLogs(LOGGER, "ERROR") as logs:
            self.assertEqual(self.process(), 4)
        self.assertEqual(len(logs.records), 1)
        self.assertCounts(self.trackable, opens=2, clicks=0)
        self.assertCounts(self.other, opens=1, clicks=0)
        self.assertEqual(len(self.entries(self.lead)), 1)
        bad = self.waiting
        self.assertEqual((bad.user_agent, bad.error), (BAD, "ValueError: bad hit"))
        with self.failing():
            self.assertEqual(self.process(), 0, "the hit is not tried again")

    def test_single_failing_hit_is_tried_once(self):
        self.hit(self.image, user_agent=BAD)
        with self.failing(), self.assertLogs(LOGGER, "ERROR") as logs:
            self.assertEqual(self.process(), 1)
        self.assertEqual(len(logs.records), 1)

    def test_failing_hit_is_isolated_by_bisection(self):
        """The number of tries grows with the logarithm of the number of hits."""
        count = 64
        for _time in range(count):
            self.hit(self.image)
        self.hit(self.image, user_agent=BAD)
        Hit = self.registry["trackable.hit"]
        process = Hit._process_hits
        sizes = []

        def count_calls(hits, held):
            sizes.append(len(hits))
            return process(hits, held)

        with (
            self.failing(),
            patch.object(Hit, "_process_hits", count_calls),
            mute_logger(LOGGER),
        ):
            self.process()
        self.assertEqual(self.trackable.raw_open_count, count)
        self.assertEqual(self.waiting.user_agent, BAD)
        self.assertLess(len(sizes), 20)

    def test_bisection_does_not_hide_a_burst(self):
        self.hit(self.delivered.links["x"])
        self.hit(self.delivered.links["y"])
        self.hit(self.image, user_agent=BAD)
        with self.failing(), mute_logger(LOGGER):
            self.process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(set(self.trackable.action_ids.mapped("reason")), {"burst"})

    def test_failing_held_click_does_not_set_aside_another_hit(self):
        self.hold(15)
        self.hit(self.image)
        self.hit(self.delivered.links["x"], user_agent=BAD)
        with self.failing(), mute_logger(LOGGER):
            self.assertEqual(self.process(), 1)
            self.assertCounts(self.trackable, opens=1, clicks=0)
            self.assertFalse(self.waiting.error)
            self.wait(15)
            self.process()
        self.assertTrue(self.waiting.error)

    def test_retry(self):
        self.hit(self.image, user_agent=BAD)
        with self.failing(), mute_logger(LOGGER):
            self.process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        bad = self.env["trackable.hit"].with_user(self.administrator).search([])
        bad.action_retry()
        self.env.invalidate_all()
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertFalse(self.waiting)

    def test_hit_is_deleted_with_its_email(self):
        self.hit(self.image, user_agent=BAD)
        with self.failing(), mute_logger(LOGGER):
            self.process()
        self.assertTrue(self.waiting)
        self.trackable.unlink()
        self.assertFalse(self.waiting, "the hit is deleted, too")

    def test_failed_transaction_sets_no_hit_aside(self):
        """Odoo retries the whole transaction, or the connection is lost."""
        self.hit(self.image, user_agent=BAD)
        self.hit(self.other_image, user_agent=OUTLOOK)
        for error in (
            psycopg2.errors.SerializationFailure(),
            psycopg2.errors.LockNotAvailable(),
            psycopg2.OperationalError("server closed the connection"),
            psycopg2.InterfaceError("cursor already closed"),
        ):
            with (
                self.subTest(error=error),
                self.failing(error),
                self.assertRaises(type(error)),
                self.env.cr.savepoint(),
            ):
                self.process()
        self.assertFalse(any(self.waiting.mapped("error")))
        self.assertEqual(len(self.waiting), 2)

    def test_other_database_error_sets_a_hit_aside(self):
        """The hit must not make the job fail until Odoo deactivates the job."""
        for error in (
            psycopg2.errors.QueryCanceled("canceling statement due to timeout"),
            psycopg2.errors.DiskFull("could not extend file"),
            psycopg2.errors.ProgramLimitExceeded("index row size"),
            psycopg2.errors.UndefinedColumn("column"),
        ):
            self.hit(self.image, user_agent=BAD)
            self.hit(self.other_image, user_agent=OUTLOOK)
            with self.subTest(error=error), self.failing(error), mute_logger(LOGGER):
                self.assertEqual(self.process(), 2)
            self.assertIn(type(error).__name__, self.waiting.error)
            self.waiting.unlink()

    def test_statement_timeout_sets_a_hit_aside(self):
        self.hit(self.image, user_agent=BAD)
        self.hit(self.other_image, user_agent=OUTLOOK)
        Hit = self.registry["trackable.hit"]
        prepare = Hit._prepare_facts

        def fail(hit):
            if hit.user_agent == BAD:
                hit.env.cr.execute("SET LOCAL statement_timeout = 50")
                hit.env.cr.execute("SELECT pg_sleep(10)")
            return prepare(hit)

        with (
            patch.object(Hit, "_prepare_facts", fail),
            mute_logger(LOGGER, "odoo.sql_db"),
        ):
            self.assertEqual(self.process(), 2)
        self.assertIn("QueryCanceled", self.waiting.error)
        self.assertCounts(self.other, opens=1, clicks=0)

    def test_last_try_sets_aside_a_hit_that_fails_each_time(self):
        """The lock is held during all tries."""
        self.hit(self.image, user_agent=BAD)
        self.hit(self.other_image, user_agent=OUTLOOK)
        error = psycopg2.errors.LockNotAvailable("could not obtain lock")
        Hit = self.env["trackable.hit"]
        with (
            self.failing(error),
            mute_logger(LOGGER),
            patch.object(self.env.cr, "rollback") as rollback,
        ):
            self.assertEqual(
                Hit._run_with_retries(partial(Hit._process_batch, 0), True)[0], 2
            )
        self.assertEqual(rollback.call_count, MAX_TRIES_ON_CONCURRENCY_FAILURE)
        self.assertIn("LockNotAvailable", self.waiting.error)
        self.assertCounts(self.other, opens=1, clicks=0)

    def test_chunks_before_a_failed_transaction_are_kept(self):
        """The batch ends before the failing chunk. The next batch begins with it."""
        self.hit(self.image, user_agent=OUTLOOK)
        self.hit(self.other_image, user_agent=BAD)
        self.assertLess(self.trackable.id, self.other.id)
        error = psycopg2.errors.LockNotAvailable("could not obtain lock")
        Hit = self.env["trackable.hit"]
        with self.failing(error), patch.object(queue, "CHUNK_SIZE", 1):
            processed, end_id = Hit._process_batch()
            self.assertEqual((processed, end_id), (1, self.other.id - 1))
            self.assertCounts(self.trackable, opens=1, clicks=0)
            with (
                self.assertRaises(psycopg2.errors.LockNotAvailable),
                self.env.cr.savepoint(),
            ):
                Hit._process_batch(end_id)
        self.assertEqual(Hit._process_batch(end_id)[0], 1)
        self.assertCounts(self.other, opens=1, clicks=0)

    def test_failed_transaction_during_bisection(self):
        """The failing chunk is rolled back, even if some of its hits were processed."""
        self.hit(self.image, user_agent=OUTLOOK)
        third_delivered, third = self.send(BODY, record=self.customer)
        self.hit(self.other_image, user_agent=OUTLOOK)
        self.hit(third_delivered.image_urls[0], user_agent=BAD)
        error = psycopg2.errors.SerializationFailure("could not serialize access")
        Hit = self.registry["trackable.hit"]
        process_hits = Hit._process_hits

        def fail_together(hits, held):
            if third in hits.trackable_email_id and len(hits) > 1:
                raise ValueError("these cannot be processed together")
            return process_hits(hits, held)

        with (
            self.failing(error),
            patch.object(Hit, "_process_hits", fail_together),
            patch.object(queue, "CHUNK_SIZE", 1),
            patch.object(Hit, "_read_chunks", self.read_in_two_chunks),
        ):
            processed, end_id = self.env["trackable.hit"]._process_batch()
        self.assertEqual((processed, end_id), (1, self.other.id - 1))
        self.assertCounts(self.trackable, opens=1, clicks=0)

    @staticmethod
    def read_in_two_chunks(hits, email_ids):
        """Yield the first email's hits, then the hits of all other emails."""
        first, *others = hits.search([]).grouped("trackable_email_id").values()
        none = hits.browse()
        yield first, none
        yield none.union(*others), none

    def test_last_try_raises_a_lost_connection(self):
        self.hit(self.image, user_agent=BAD)
        error = psycopg2.InterfaceError("cursor already closed")
        Hit = self.env["trackable.hit"]
        with (
            self.failing(error),
            patch.object(self.env.cr, "rollback") as rollback,
            self.assertRaises(psycopg2.InterfaceError),
            self.env.cr.savepoint(),
        ):
            Hit._run_with_retries(partial(Hit._process_batch, 0), True)
        self.assertFalse(rollback.called)
        self.assertFalse(self.waiting.error)

    def test_deleted_link(self):
        self.hit(self.delivered.links["x"])
        self.trackable.link_ids.sudo().unlink()
        self.process()
        self.assertFalse(self.waiting)
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_long_error_is_shortened(self):
        self.hit(self.image, user_agent=BAD)
        with self.failing(ValueError("x\0" * 5000)), mute_logger(LOGGER):
            self.process()
        self.assertEqual(len(self.waiting.error), 1000)

    def test_administrator_sees_the_queue(self):
        self.hit(self.image, user_agent=BAD)
        self.hit(self.image, user_agent=CHROME)
        with self.failing(), mute_logger(LOGGER):
            self.process()
        Hit = self.env["trackable.hit"].with_user(self.administrator)
        action = self.env.ref("pipeline_tracking.trackable_hit_action_window")
        self.assertEqual(action.res_model, Hit._name)
        Hit.get_views([(False, "list"), (False, "search")])
        (row,) = Hit.search([]).web_read(
            {
                "error": {},
                "occurred_at": {},
                "trackable_email_id": {"fields": {"display_name": {}}},
                "trackable_link_id": {"fields": {"display_name": {}}},
            }
        )
        self.assertEqual(row["trackable_email_id"]["display_name"], "Proposal")
