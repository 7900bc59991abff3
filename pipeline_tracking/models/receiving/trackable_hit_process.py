"""Process the queue of hits in bounded batches, in which trackable emails take turns
(extends trackable.hit).

- A *run* of the cron job works until nothing is due or its time is over.
- A *round* goes once through the trackable emails with due hits, in the order of ids.
- A *batch* is a transaction with some emails of a round, and some hits of each email.
- A *chunk* is the part of a batch that is processed in one savepoint.

A hit is *due* if it may be processed. A click or download is first *held* for some
seconds, so that a burst can be detected (`hit_hold_sql`). A hit that fails is *set
aside*: it stays in the table with its error, and leaves the queue.
"""

import logging
import time
from datetime import timedelta
from functools import partial

import psycopg2

from odoo import api, models
from odoo.service.model import MAX_TRIES_ON_CONCURRENCY_FAILURE
from odoo.tools import SQL

from ... import cron_wakeup
from ...tools import hit_hold_sql
from ...transactions import has_transaction_failed, is_connection_lost
from ..feedback import trackable_email_notice
from ..res_company import MAX_SETTING_SECONDS

_logger = logging.getLogger(__name__)

# A batch is committed when it reaches one of these limits: no email holds up another.
MAX_EMAILS = 500  # locked trackable emails
MAX_HITS = 5000  # processed hits
MAX_HITS_OF_EMAIL = 250  # processed hits of one trackable email
# Processed hits of one anonymous trackable email. They are only counted, and belong to
# a whole mailing.
MAX_HITS_OF_ANONYMOUS = 2500
BATCH_SECONDS = 5  # no chunk starts after this time
# Hits in one savepoint. The batch checks the time after each chunk.
CHUNK_SIZE = 1000
# Held hits of one trackable email that are read to detect bursts.
MAX_HELD_OF_EMAIL = 200
MAX_ERROR = 1000  # stored characters of an error

# Select a row for each due hit, up to the size of a batch.
_DUE_HITS = SQL(
    "SELECT FROM %s WHERE hit.error IS NULL AND %s <= %s LIMIT %s",
    *(hit_hold_sql.QUEUE, hit_hold_sql.DUE_AT, hit_hold_sql.NOW, MAX_HITS),
)


def _split_in_half(records):
    """Split a recordset into its first and its second half."""
    middle = len(records) // 2
    return records[:middle], records[middle:]


class TrackableHit(models.Model):
    _inherit = "trackable.hit"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _run_after_batch(self, is_fatal):
        """Update what depends on the actions of a batch, for example the statistics of
        mailings. The cron job calls this method after each batch, in a separate
        transaction, until nothing is due.

        An override does its work, and adds its count to the result of `super`.

        :param is_fatal: function that takes an exception and returns whether to raise
            the exception
        :return: number of trackable emails that had work due
        :rtype: int
        """
        return 0

    @api.model
    def _get_due_queries(self):
        """Return queries that select a row for each unit of due work. The cron job runs
        while any of them selects a row.

        An override appends a query for the work that its `_run_after_batch` does.

        :rtype: list[SQL]
        """
        return [_DUE_HITS, trackable_email_notice.DUE_NOTICES]

    # ------------------------------------------------------------
    # Do not override: the steps of a run
    # ------------------------------------------------------------

    @api.model
    def _process(self):
        """Turn the due hits into actions and show the actions. Then update the
        statistics of mailings, and notify senders of new actions.

        Held clicks and set-aside hits stay in the queue. The cron job commits each
        batch; other callers commit themselves.

        :return: number of hits processed
        :rtype: int
        """
        # sudo: trackable.hit - no user may write hits, actions and trackable emails
        self = self.sudo()
        self.env.flush_all()  # SQL reads hits and emails
        in_cron = "ir_cron_progress_id" in self.env.context
        delete_clients = self.env["trackable.client"]._delete_old
        self._run_with_retries(lambda _is_fatal: delete_clients(), in_cron)
        after_email_id = round_start = self._get_round_start()
        total, total_of_round, has_work = 0, 0, True
        has_time = not in_cron or self._commit_progress(0)
        while has_time and has_work:
            process_batch = partial(self._process_batch, after_email_id)
            processed, after_email_id = self._run_with_retries(process_batch, in_cron)
            has_time = not in_cron or self._commit_progress(processed)
            # In a separate transaction: other processes change the same rows.
            worked_on = self._run_with_retries(self._run_after_batch, in_cron)
            if in_cron:
                self.env["ir.cron"]._commit_progress(worked_on)
            total += processed
            total_of_round += processed
            if after_email_id is None:  # the round is over; start another if needed
                has_work = worked_on or total_of_round or round_start
                after_email_id = round_start = total_of_round = 0
        # At the end: a sender gets one notification for all actions of this run.
        has_work = self._notify_senders(in_cron) or has_work
        if in_cron and not has_work:
            self.env["ir.cron"]._commit_progress(remaining=0)
        return total

    def _notify_senders(self, in_cron):
        """Send due notifications to senders, until the cron job runs out of time.

        :return: whether due notifications may be left
        :rtype: bool
        """
        notify_batch = self.env["trackable.email"]._notify_due_senders
        while self._run_with_retries(notify_batch, in_cron):
            if in_cron and not self._commit_progress(0):
                return True
        return False

    def _run_with_retries(self, work, in_cron):
        """Call a function. In the cron job, call it again after a concurrency error.

        Each try is a new transaction. In the last try, only a lost connection is fatal:
        ``work`` handles a concurrency error like any other error (for example, sets the
        hit aside), so that one record cannot stop the cron job.

        :param work: function that takes `is_fatal`: a function that takes an exception
            and returns whether to raise the exception
        :param bool in_cron: whether this method may roll back and try again
        :return: the result of ``work``
        """
        if not in_cron:
            return work(has_transaction_failed)
        for _try in range(MAX_TRIES_ON_CONCURRENCY_FAILURE):
            try:
                return work(has_transaction_failed)
            except psycopg2.Error as error:
                if is_connection_lost(error) or not has_transaction_failed(error):
                    raise
                self.env.cr.rollback()
        return work(is_connection_lost)

    def _commit_progress(self, processed):
        """Commit a batch, and let the cron job run again if more work is due.

        The commit starts a new transaction. The next batch locks emails in the first
        statement of its transaction.

        :param int processed: number of hits processed since the last commit
        :return: whether the cron job has time left for another batch
        :rtype: bool
        """
        self._schedule_next_run()
        queries = [
            SQL("(SELECT FROM (%s) due)", due) for due in self._get_due_queries()
        ]
        query = SQL(
            "SELECT count(*) FROM (%s) waiting", SQL(" UNION ALL ").join(queries)
        )
        [[waiting]] = self.env.execute_query(query)
        return self.env["ir.cron"]._commit_progress(processed, remaining=waiting) > 0

    def _schedule_next_run(self):
        """Schedule the cron job for the time when the first held click or notification
        is due. There may be no request at that time to wake the job.
        """
        query = SQL(
            """
            SELECT LEAST((SELECT min(%(at)s) FROM %(queue)s
                           WHERE hit.error IS NULL AND %(at)s > %(now)s),
                         (SELECT min(notice_at) FROM trackable_email
                           WHERE notice_at > %(now)s))
            """,
            at=hit_hold_sql.DUE_AT,
            queue=hit_hold_sql.QUEUE,
            now=hit_hold_sql.NOW,
        )
        [[due_at]] = self.env.execute_query(query)
        cron = self._get_cron()
        if not due_at or not cron:
            return
        due_at = due_at.replace(microsecond=0) + timedelta(seconds=1)
        # Ignore past triggers: they started the running job.
        scheduled = [
            ("cron_id", "=", cron.id),
            ("call_at", ">", self.env.cr.now()),
            ("call_at", "<=", due_at),
        ]
        if not self.env["ir.cron.trigger"].search_count(scheduled, limit=1):
            cron._trigger(at=due_at)
            seconds = (due_at - self.env.cr.now()).total_seconds()
            # Clicks are held for at most `MAX_SETTING_SECONDS`. A later time is the end
            # of quiet hours, which does not need precision to the second.
            if seconds > MAX_SETTING_SECONDS:
                return
            database = self.env.cr.dbname
            self.env.cr.postcommit.add(
                lambda: cron_wakeup.notify_cron_workers_later(database, seconds)
            )

    def _get_round_start(self):
        """Return the id after which a round begins. The round begins with the trackable
        email that has the oldest due hit.

        :rtype: int
        """
        query = SQL(
            "SELECT email.id - 1 FROM %s WHERE hit.error IS NULL AND %s <= %s"
            " ORDER BY hit.id LIMIT 1",
            *(hit_hold_sql.QUEUE, hit_hold_sql.DUE_AT, hit_hold_sql.NOW),
        )
        rows = self.env.execute_query(query)
        return rows[0][0] if rows else 0

    # ------------------------------------------------------------
    # Do not override: the steps of a batch
    # ------------------------------------------------------------

    def _process_batch(self, after_email_id=0, is_fatal=has_transaction_failed):
        """Process hits of the next trackable emails that no other worker has locked.

        A batch takes at most `MAX_HITS` hits. It takes at most `MAX_HITS_OF_EMAIL` hits
        of one email, or `MAX_HITS_OF_ANONYMOUS` if the email is anonymous. No chunk
        starts after `BATCH_SECONDS`.

        :param int after_email_id: process trackable emails with a greater id
        :param is_fatal: function that takes an exception and returns whether to raise
            the exception. Other exceptions set a hit aside.
        :return: number of hits processed or set aside, and the id after which the next
            batch begins; the id is None if the round is over
        :rtype: tuple[int, int | None]
        """
        end = time.monotonic() + BATCH_SECONDS
        email_ids, last_email_id = self._lock_emails(after_email_id)
        processed = 0
        for hits, held in self._read_chunks(email_ids):
            # Processing deletes the hits: read their ids first.
            chunk_start = hits[0].trackable_email_id.id - 1
            chunk_end = hits[-1].trackable_email_id.id
            try:
                hits._process_or_set_aside(held, is_fatal)
            except psycopg2.Error as error:
                if not processed or is_connection_lost(error):
                    raise
                # Keep the earlier chunks. The next batch begins with this chunk.
                return processed, chunk_start
            processed += len(hits)
            if time.monotonic() > end:
                return processed, chunk_end
        return processed, last_email_id

    def _lock_emails(self, after_email_id):
        """Lock trackable emails with due hits, in the order of their ids. Skip emails
        that another worker has locked: that worker processes their hits.

        In the cron job, the query is the first statement of the transaction. With an
        older snapshot, rows that changed since would raise serialization failures.

        :param int after_email_id: lock trackable emails with a greater id
        :return: at most `MAX_EMAILS` ids, and the last id with due hits, locked or not;
            the last id is None if no email has due hits: the round is over
        :rtype: tuple[list[int], int | None]
        """
        # The recursion reads one index entry for each waiting email, for any number of
        # hits of the email. PostgreSQL computes no more rows than the limit takes.
        query = SQL(
            """
            WITH RECURSIVE waiting (email_id) AS (
                (SELECT trackable_email_id FROM trackable_hit
                  WHERE error IS NULL AND trackable_email_id > %(after_email_id)s
                  ORDER BY trackable_email_id LIMIT 1)
                UNION ALL
                SELECT (SELECT trackable_email_id FROM trackable_hit
                         WHERE error IS NULL
                           AND trackable_email_id > waiting.email_id
                         ORDER BY trackable_email_id LIMIT 1)
                  FROM waiting WHERE waiting.email_id IS NOT NULL
            ),
            due AS MATERIALIZED (
                SELECT waiting.email_id
                  FROM waiting
                  JOIN trackable_email email ON email.id = waiting.email_id
                  LEFT JOIN res_company company ON company.id = email.company_id
                 WHERE EXISTS (SELECT FROM trackable_hit hit
                                WHERE hit.trackable_email_id = waiting.email_id
                                  AND hit.error IS NULL AND %(due_at)s <= %(now)s)
                 ORDER BY waiting.email_id LIMIT %(limit)s
            ),
            locked AS (
                SELECT id FROM trackable_email
                 WHERE id IN (SELECT email_id FROM due)
                 ORDER BY id
                   FOR NO KEY UPDATE SKIP LOCKED
            )
            SELECT due.email_id, locked.id IS NOT NULL
              FROM due LEFT JOIN locked ON locked.id = due.email_id
             ORDER BY due.email_id
            """,
            after_email_id=after_email_id,
            due_at=hit_hold_sql.DUE_AT,
            now=hit_hold_sql.NOW,
            limit=MAX_EMAILS,
        )
        rows = self.env.execute_query(query)
        email_ids = [email_id for email_id, is_locked in rows if is_locked]
        return email_ids, rows[-1][0] if rows else None

    def _read_chunks(self, email_ids):
        """Read the hits of a batch in chunks of about `CHUNK_SIZE`.

        The hits of one email are never split between two chunks. If there are more hits
        than `MAX_HITS`, the emails with the most hits keep some for a later batch.

        :param list[int] email_ids: ids of locked trackable emails
        :return: for each chunk, due hits in the order of their emails' ids, and held
            hits of the same emails
        :rtype: Iterator[tuple[TrackableHit, TrackableHit]]
        """
        hits = self._read_hits(email_ids, True, MAX_HITS_OF_EMAIL)
        held = self._read_hits(email_ids, False, MAX_HELD_OF_EMAIL)
        held_by_email = held.grouped("trackable_email_id")
        no_hits = self.browse()
        chunk, chunk_held = no_hits, no_hits
        hits_by_email = hits.grouped("trackable_email_id")
        for email in sorted(hits_by_email, key=lambda email: email.id):
            chunk += hits_by_email[email]
            chunk_held += held_by_email.get(email, no_hits)
            if len(chunk) >= CHUNK_SIZE:
                yield chunk, chunk_held
                chunk, chunk_held = no_hits, no_hits
        if chunk:
            yield chunk, chunk_held

    def _read_hits(self, email_ids, is_due, limit):
        """Read the oldest hits of trackable emails: the first hit of each email, then
        the second hit of each email, and so on, up to `MAX_HITS`.

        :param list[int] email_ids: ids of trackable emails
        :param bool is_due: read due hits if true, held hits if false
        :param int limit: the maximum number of hits of an email that is not anonymous
        :rtype: TrackableHit
        """
        query = SQL(
            """
            SELECT hits.id
              FROM trackable_email email
              LEFT JOIN res_company company ON company.id = email.company_id
             CROSS JOIN LATERAL (
                    SELECT id, row_number() OVER (ORDER BY id) AS position
                      FROM (SELECT hit.id FROM trackable_hit hit
                             WHERE hit.error IS NULL
                               AND hit.trackable_email_id = email.id
                               AND (%(due_at)s <= %(now)s) = %(is_due)s
                             ORDER BY hit.id
                             LIMIT CASE WHEN email.is_anonymous THEN %(limit_anonymous)s
                                        ELSE %(limit)s END) AS oldest) AS hits
             WHERE email.id = ANY(%(email_ids)s)
             ORDER BY hits.position, hits.id LIMIT %(total)s
            """,
            email_ids=email_ids,
            due_at=hit_hold_sql.DUE_AT,
            now=hit_hold_sql.NOW,
            is_due=is_due,
            limit=limit,
            limit_anonymous=MAX_HITS_OF_ANONYMOUS,
            total=MAX_HITS,
        )
        return self.browse(hit_id for (hit_id,) in self.env.execute_query(query))

    # ------------------------------------------------------------
    # Do not override: hits that fail
    # ------------------------------------------------------------

    def _process_or_set_aside(self, held, is_fatal):
        """Process these hits in one savepoint. On failure bisect: split by trackable
        email, then leave out the held hits, then split by hit. Set aside a hit that
        fails alone.

        Splitting does not hide a burst: later hits correct earlier actions.

        :param TrackableHit held: held hits of the same trackable emails
        :param is_fatal: function that takes an exception and returns whether to raise
            the exception. Other exceptions set a hit aside.
        """
        try:
            with self.env.cr.savepoint():
                self._process_hits(held)
            return
        except Exception as error:  # an extension can raise any exception
            if is_fatal(error):
                raise
            if len(self) == 1 and not held:
                self._set_aside(error)
                return
            _logger.info("%s hits failed together: they are split", len(self))
        for hits, held_hits in self._split_failed(held):
            hits._process_or_set_aside(held_hits, is_fatal)

    def _split_failed(self, held):
        """Split hits that failed together.

        :param TrackableHit held: held hits of the same trackable emails
        :return: the parts: hits, and held hits of the same trackable emails
        :rtype: list[tuple[TrackableHit, TrackableHit]]
        """
        emails = self.trackable_email_id
        if len(emails) > 1:
            return [
                tuple(
                    hits.filtered(lambda hit, half=half: hit.trackable_email_id in half)
                    for hits in (self, held)
                )
                for half in _split_in_half(emails)
            ]
        no_hits = self.browse()
        if held:
            return [(self, no_hits)]
        return [(half, no_hits) for half in _split_in_half(self)]

    def _set_aside(self, error):
        """Take this hit out of the queue, and store the error for an administrator.

        :param Exception error: the reason why the hit failed
        """
        self.ensure_one()
        _logger.exception(
            "Hit %s on trackable email %s is set aside",
            *(self.id, self.trackable_email_id.id),
        )
        text = f"{type(error).__name__}: {error}".replace("\0", "")
        self.error = text[:MAX_ERROR]
        self.flush_recordset()  # SQL reads the error
