"""Batches have limits, and trackable emails take turns."""

from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo.api import Environment
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.pipeline_tracking.models import trackable_hit
from odoo.addons.pipeline_tracking.models.receiving import (
    trackable_hit_process as queue,
)
from odoo.addons.pipeline_tracking.tools import flood

from ..helpers.held_clicks_case import HOLD, HeldClicksCase
from ..helpers.user_agents import CHROME, FIREFOX


@tagged("post_install", "-at_install")
class TestQueueTurns(HeldClicksCase):
    def setUp(self):
        super().setUp()
        self.Hit = self.env["trackable.hit"]
        self.emails = self.trackable
        for _number in range(3):
            _delivered, trackable = self.send("<p>Hello</p>")
            self.emails += trackable

    def queue_opens(self, trackable, count=1):
        """Append opens, each with another user agent."""
        self.env.cr.execute(
            """
            INSERT INTO trackable_hit (trackable_email_id, occurred_at, method, ip,
                                       ip_subscriber, user_agent, purpose)
            SELECT %s, now() AT TIME ZONE 'UTC' - interval '1 day'
                       + n * interval '1 hour',
                   'GET', '', '', %s || n, ''
              FROM generate_series(1, %s) n
            """,
            [trackable.id, CHROME, count],
        )

    def bounded(self, **bounds):
        return patch.multiple(queue, **bounds)

    def waiting(self):
        """Return the number of waiting hits for each trackable email."""
        groups = self.Hit._read_group([], ["trackable_email_id"], ["__count"])
        counts = dict(groups)
        return [counts.get(trackable, 0) for trackable in self.emails]

    # ------------------------------------------------------------
    # Bounds
    # ------------------------------------------------------------

    def test_flood_does_not_delay_another_email(self):
        self.queue_opens(self.emails[0], queue.MAX_HITS_OF_EMAIL + 50)
        self.queue_opens(self.emails[1])
        processed, _end_id = self.Hit._process_batch()
        self.assertEqual(processed, queue.MAX_HITS_OF_EMAIL + 1)
        self.assertEqual(self.waiting(), [50, 0, 0, 0])
        self.process()
        self.assertEqual(self.waiting(), [0, 0, 0, 0])
        self.assertEqual(
            sum(self.emails[0].action_ids.mapped("hit_count")),
            queue.MAX_HITS_OF_EMAIL + 50,
        )

    def test_full_batch_takes_hits_of_each_email(self):
        self.queue_opens(self.emails[0], 20)
        for trackable in self.emails[1:]:
            self.queue_opens(trackable, 2)
        with self.bounded(MAX_HITS=10):
            processed, end_id = self.Hit._process_batch()
        self.assertEqual(processed, 10)
        self.assertEqual(self.waiting(), [16, 0, 0, 0])
        self.assertEqual(end_id, self.emails[-1].id)

    def test_batch_ends_when_its_time_is_over(self):
        for trackable in self.emails:
            self.queue_opens(trackable, 2)
        with self.bounded(CHUNK_SIZE=1, BATCH_SECONDS=0):
            self.assertEqual(self.Hit._process_batch(), (2, self.emails[0].id))
            self.assertEqual(
                self.Hit._process_batch(self.emails[1].id), (2, self.emails[2].id)
            )
            self.assertEqual(self.waiting(), [0, 2, 0, 2])
            self.assertEqual(self.process(), 4, "several batches")
        self.assertEqual(self.waiting(), [0, 0, 0, 0])

    def test_batch_processes_all_hits_in_time(self):
        for trackable in self.emails:
            self.queue_opens(trackable, 2)
        with self.bounded(CHUNK_SIZE=1):
            self.assertEqual(self.Hit._process_batch(), (8, self.emails[-1].id))

    # ------------------------------------------------------------
    # Turns
    # ------------------------------------------------------------

    def test_round_begins_with_the_oldest_hit(self):
        for number in (2, 0, 3, 1):
            self.queue_opens(self.emails[number])
        self.assertEqual(self.Hit._get_round_start(), self.emails[2].id - 1)
        turns = []
        process_batch = self.registry["trackable.hit"]._process_batch

        def watch(hits, after_email_id=0, *args):
            result = process_batch(hits, after_email_id, *args)
            turns.append(result)
            return result

        with (
            self.bounded(MAX_EMAILS=1),
            patch.object(self.registry["trackable.hit"], "_process_batch", watch),
        ):
            self.assertEqual(self.process(), 4)
        ids = self.emails.ids
        self.assertEqual(
            turns,
            [
                (1, ids[2]),
                (1, ids[3]),
                (0, None),
                (1, ids[0]),  # a second round, from the first email
                (1, ids[1]),
                (0, None),
                (0, None),  # a third round, without hits
            ],
        )

    def test_empty_queue(self):
        self.assertEqual(self.Hit._get_round_start(), 0)
        self.assertEqual(self.Hit._process_batch(), (0, None))
        self.assertEqual(self.process(), 0)

    def test_emails_without_due_hits_are_not_locked(self):
        self.queue_opens(self.emails[0])
        self.Hit.search([]).error = "ValueError: set aside"
        self.env.flush_all()
        self.click("prices")  # held
        self.queue_opens(self.emails[2])
        with self.bounded(MAX_EMAILS=1):
            ids = self.emails[2].ids
            self.assertEqual(self.Hit._lock_emails(0), (ids, ids[0]))
        self.assertEqual(self.process(), 1)
        self.assertEqual(self.waiting(), [2, 0, 0, 0])

    def test_hits_of_a_deleted_email_do_not_delay_others(self):
        self.queue_opens(self.emails[0], 3)
        self.queue_opens(self.emails[1])
        self.env.cr.execute(
            "DELETE FROM trackable_email WHERE id = %s", [self.emails[0].id]
        )
        self.env.invalidate_all()
        self.assertEqual(self.process(), 1)
        self.assertEqual(self.Hit.search_count([]), 3)
        with patch.object(trackable_hit, "MAX_ORPHANS", 2):
            self.assertEqual(self.Hit._gc_orphans(), (2, 2))
            self.assertEqual(self.Hit._gc_orphans(), (1, 0))
        self.env.invalidate_all()
        self.assertEqual(self.Hit.search_count([]), 0)

    def test_round_begins_with_a_hit_that_can_be_processed(self):
        """A round does not begin with a deleted email or a held click."""
        self.queue_opens(self.emails[3])
        self.env.cr.execute(
            "DELETE FROM trackable_email WHERE id = %s", [self.emails[3].id]
        )
        self.env.invalidate_all()
        self.click("prices")  # held
        self.queue_opens(self.emails[2])
        self.queue_opens(self.emails[1])
        self.assertEqual(self.Hit._get_round_start(), self.emails[2].id - 1)

    def test_emails_locked_by_another_worker_do_not_delay_others(self):
        """The locked emails are skipped, even if they fill a whole batch."""
        for trackable in self.emails:
            self.queue_opens(trackable)
        self.env.flush_all()
        lock_emails = self.registry["trackable.hit"]._lock_emails
        locked = set(self.emails[1:3].ids)

        def skip_locked(hits, after_email_id):
            email_ids, last_email_id = lock_emails(hits, after_email_id)
            email_ids = [email_id for email_id in email_ids if email_id not in locked]
            return email_ids, last_email_id

        with (
            self.bounded(MAX_EMAILS=2),
            patch.object(self.registry["trackable.hit"], "_lock_emails", skip_locked),
        ):
            self.assertEqual(self.process(), 2)
        self.assertEqual(self.waiting(), [0, 1, 1, 0])

    def test_queries_use_indexes_of_the_queue(self):
        """PostgreSQL scans no whole queue, even if its statistics saw only a flood."""
        self.queue_opens(self.emails[0], 5000)
        self.env.flush_all()
        self.env.cr.execute("ANALYZE trackable_hit")
        for trackable in self.emails[1:]:
            self.queue_opens(trackable, 5)
        scans = """
            SELECT seq_scan FROM pg_stat_xact_user_tables
             WHERE relname = 'trackable_hit'
        """
        before = self.env.execute_query(SQL(scans))
        with self.bounded(MAX_EMAILS=3):
            email_ids, _end_id = self.Hit._lock_emails(self.emails[0].id)
        self.assertEqual(email_ids, self.emails[1:].ids)
        self.assertEqual(len(self.Hit._read_hits(email_ids, True, 10)), 15)
        self.assertEqual(self.env.execute_query(SQL(scans)), before)

    def test_anonymous_email_has_a_higher_limit(self):
        """An anonymous email counts opens of all recipients without consent."""
        anonymous, ordinary = self.emails[:2]
        anonymous.is_anonymous = True
        self.env.flush_all()
        count = queue.MAX_HITS_OF_EMAIL + 50
        for trackable in (anonymous, ordinary):
            self.queue_opens(trackable, count)
        self.Hit._process_batch()
        self.assertEqual(self.waiting(), [0, 50, 0, 0])

    # ------------------------------------------------------------
    # Held clicks
    # ------------------------------------------------------------

    def count_classified(self):
        """Count the hits that `_process` classifies."""
        classify = self.registry["trackable.hit"]._classify
        hits = []

        def watch(hit, kind, **facts):
            hits.append(hit.trackable_email_id)
            return classify(hit, kind, **facts)

        with patch.object(self.registry["trackable.hit"], "_classify", watch):
            self.process()
        return len(hits)

    def test_held_clicks_are_classified_only_with_a_due_hit(self):
        self.click("prices", "terms")
        self.assertEqual(self.count_classified(), 0)
        self.queue_opens(self.emails[1])
        self.assertEqual(self.count_classified(), 1, "the other email's open")
        # A due hit on the email of the held clicks.
        self.hit(self.image)
        self.assertEqual(self.count_classified(), 3)
        self.wait(HOLD)
        self.assertEqual(self.count_classified(), 2)

    def test_number_of_held_clicks_read_is_limited(self):
        self.click("prices", "terms", "about us")
        self.hit(self.image)
        with self.bounded(MAX_HELD_OF_EMAIL=2):
            self.assertEqual(self.count_classified(), 3)

    # ------------------------------------------------------------
    # Earlier actions
    # ------------------------------------------------------------

    def record_opens(self, count):
        """Create earlier opens, within `HISTORY_MARGIN` of a new hit."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO trackable_email_action (trackable_email_id, kind, actor, reason,
                                                occurred_at, user_agent, hit_count,
                                                is_counted)
            SELECT %s, 'open', 'recipient', 'direct',
                   now() AT TIME ZONE 'UTC' - n * interval '50 ms', 'UA ' || n, 1, TRUE
              FROM generate_series(1, %s) n
            """,
            [self.trackable.id, count],
        )
        self.env.invalidate_all()

    def test_number_of_actions_read_is_limited(self):
        read_history = self.registry["trackable.hit"]._read_history
        read = []

        def watch(hits):
            history, complete_since = read_history(hits)
            read.append(len(history))
            return history, complete_since

        with patch.object(self.registry["trackable.hit"], "_read_history", watch):
            for count in (10, 3000, 3000):
                self.record_opens(count)
                self.hit(self.image, user_agent=FIREFOX)
                self.process()
        self.assertEqual(read, [10, flood.LIMIT_OF_EMAIL, flood.LIMIT_OF_EMAIL])
        self.assertEqual(self.trackable.raw_open_count, 6011)
        self.assertEqual(
            sum(self.trackable.action_ids.mapped("hit_count")),
            6013,
            "every request is counted",
        )

    def process_and_count_reads(self, when):
        """Process an open.

        :return: number of queries, of the rows they returned, and of actions read
        :rtype: tuple[int, int, int]
        """
        self.hit(self.image, user_agent=FIREFOX)
        self.env.flush_all()
        self.env.cr.execute("UPDATE trackable_hit SET occurred_at = %s", [when])
        self.env.invalidate_all()
        execute_query = Environment.execute_query
        rows = []

        def watch(env, query):
            result = execute_query(env, query)
            rows.extend(result)
            return result

        before = self.env.cr.sql_log_count
        with patch.object(Environment, "execute_query", watch):
            self.process()
        field = self.env["trackable.email.action"]._fields["kind"]
        return (
            self.env.cr.sql_log_count - before,
            len(rows),
            len(field._get_cache(self.env)),
        )

    def test_hit_costs_the_same_after_10000_actions(self):
        """Counters and the chatter entry count the actions in the database."""
        self.trackable.user_id.tz = False  # days are in UTC
        noon = datetime.combine(datetime.now().date() - timedelta(days=2), time(12))
        costs = []
        for count in (10, 10, 10_000):
            self.env.cr.execute(
                """
                INSERT INTO trackable_email_action
                       (trackable_email_id, kind, actor, reason, occurred_at,
                        user_agent, hit_count, is_counted)
                SELECT %s, 'open', 'recipient', 'direct', %s - n * interval '1 second',
                       'UA ' || n, 1, TRUE
                  FROM generate_series(900, %s) n
                """,
                [self.trackable.id, noon, 900 + count - 1],
            )
            costs.append(
                self.process_and_count_reads(noon + len(costs) * timedelta(hours=1))
            )
        _first, few, many = costs
        self.assertEqual(many, few)
        self.assertEqual(self.trackable.open_count, 10_023)
        (entry,) = self.entries(self.lead)
        self.assertIn("10023×", entry.body)
        self.assertLess(entry.date, noon - timedelta(hours=2))
