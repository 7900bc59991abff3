"""A hit that fails delays no other: it is set aside, seen, and can be tried again."""

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

BAD = "Bad/1.0"
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
        """As if a module that extends us could not stand some hits."""
        Hit = self.registry["trackable.hit"]
        prepare = Hit._prepare_facts

        def fail(hit):
            if hit.user_agent == BAD:
                raise error or ValueError("cannot stand it")
            return prepare(hit)

        return patch.object(Hit, "_prepare_facts", fail)

    @property
    def waiting(self):
        return self.env["trackable.hit"].search([])

    def test_the_others_are_processed(self):
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
        self.assertEqual(
            (bad.user_agent, bad.error), (BAD, "ValueError: cannot stand it")
        )
        with self.failing():
            self.assertEqual(self.process(), 0, "it is not tried for ever")

    def test_one_alone_is_tried_once(self):
        self.hit(self.image, user_agent=BAD)
        with self.failing(), self.assertLogs(LOGGER, "ERROR") as logs:
            self.assertEqual(self.process(), 1)
        self.assertEqual(len(logs.records), 1)

    def test_the_bad_one_is_found_by_halves(self):
        """Not one by one: among very many, that would take the job's time."""
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

    def test_what_they_mean_together_is_found_all_the_same(self):
        self.hit(self.delivered.links["x"])
        self.hit(self.delivered.links["y"])
        self.hit(self.image, user_agent=BAD)
        with self.failing(), mute_logger(LOGGER):
            self.process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(set(self.trackable.action_ids.mapped("reason")), {"burst"})

    def test_a_bad_one_that_is_held_convicts_no_other(self):
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

    def test_it_is_tried_again(self):
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

    def test_with_an_email_that_was_deleted(self):
        self.hit(self.image, user_agent=BAD)
        with self.failing(), mute_logger(LOGGER):
            self.process()
        self.assertTrue(self.waiting)
        self.trackable.unlink()
        self.assertFalse(self.waiting, "nobody could say whose it was")

    def test_what_is_no_hits_fault_is_no_reason(self):
        """The transaction has failed, and all of it is to be tried again."""
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

    def test_a_database_error_that_odoo_does_not_retry_is_a_reason(self):
        """Otherwise one bad hit makes the job fail until Odoo turns it off."""
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

    def test_a_statement_that_takes_too_long(self):
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

    def test_the_last_try_sets_aside_what_fails_each_time(self):
        """The job stops waiting for a lock after the last try."""
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

    def test_what_was_processed_before_such_an_error_is_not_done_again(self):
        """The batch ends there, is committed, and the next one begins there."""
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

    def test_such_an_error_after_a_part_was_processed_in_halves(self):
        """Some of its hits are deleted by then."""
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
            patch.object(Hit, "_read_chunks", self.in_two_parts),
        ):
            processed, end_id = self.env["trackable.hit"]._process_batch()
        self.assertEqual((processed, end_id), (1, self.other.id - 1))
        self.assertCounts(self.trackable, opens=1, clicks=0)

    @staticmethod
    def in_two_parts(hits, email_ids):
        """Read the first email's hits, then those of the others together."""
        first, *others = hits.search([]).grouped("trackable_email_id").values()
        none = hits.browse()
        yield first, none
        yield none.union(*others), none

    def test_the_last_try_does_not_hide_a_lost_connection(self):
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

    def test_a_link_that_is_gone(self):
        self.hit(self.delivered.links["x"])
        self.trackable.link_ids.sudo().unlink()
        self.process()
        self.assertFalse(self.waiting)
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_an_error_of_any_length(self):
        self.hit(self.image, user_agent=BAD)
        with self.failing(ValueError("x\0" * 5000)), mute_logger(LOGGER):
            self.process()
        self.assertEqual(len(self.waiting.error), 1000)

    def test_the_view_of_an_administrator(self):
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
