import logging
import time
from datetime import timedelta
from functools import partial

import psycopg2

from odoo import api, models
from odoo.service.model import MAX_TRIES_ON_CONCURRENCY_FAILURE
from odoo.tools import SQL

from ... import cron_wakeup
from ...tools import queue_sql
from ...transactions import has_transaction_failed, is_connection_lost
from ..feedback import trackable_email_notice
from ..res_company import MAX_SECONDS

_logger = logging.getLogger(__name__)

# A batch ends after one of these bounds, and is committed: no email holds up another.
MAX_EMAILS = 500  # trackable emails locked
MAX_HITS = 5000  # hits processed
MAX_HITS_OF_EMAIL = 250  # hits processed of one trackable email
MAX_HITS_OF_ANONYMOUS = 2500  # the same; these are only counted, for a whole mailing
BATCH_SECONDS = 5  # no part is begun after that
# Hits processed between two looks at the clock.
PART_SIZE = 1000
# Held hits of one trackable email that are read to detect bursts.
MAX_HELD_OF_EMAIL = 200
MAX_ERROR = 1000  # characters stored of an error

# How many hits are due, counted no further than to the size of a batch.
_DUE_HITS = SQL(
    "SELECT FROM %s WHERE hit.error IS NULL AND %s <= %s LIMIT %s",
    *(queue_sql.QUEUE, queue_sql.DUE_AT, queue_sql.NOW, MAX_HITS),
)


def _halves(records):
    middle = len(records) // 2
    return records[:middle], records[middle:]


class TrackableHit(models.Model):
    """Process the queue of hits in bounded batches, in which trackable emails take
    turns (extends trackable.hit).
    """

    _inherit = "trackable.hit"

    @api.model
    def _process(self):
        """Turn the queued hits into actions and show them, except clicks that are held
        and hits that were set aside. Then bring Odoo's own statistics of mailings in
        step, and notify senders of new actions.

        Under the cron each batch is committed; elsewhere the caller commits.

        :return: number of hits processed
        :rtype: int
        """
        # sudo: trackable.hit - only this method writes what hits lead to
        self = self.sudo()
        self.env.flush_all()  # SQL reads it
        in_cron = "ir_cron_progress_id" in self.env.context
        turn = first_turn = self._get_first_turn()
        total, total_of_round, is_left = 0, 0, True
        has_time = not in_cron or self._commit_progress(0)
        while has_time and is_left:
            work = partial(self._process_batch, turn)
            processed, turn = self._work_on(work, in_cron)
            has_time = not in_cron or self._commit_progress(processed)
            # In a transaction of its own: other processes change the same rows.
            followed = self._work_on(self._follow_batch, in_cron)
            if in_cron:
                self.env["ir.cron"]._commit_progress(followed)
            total += processed
            total_of_round += processed
            if turn is None:  # the round is over: is another one needed?
                is_left = followed or total_of_round or first_turn
                turn = first_turn = total_of_round = 0
        # Once, at the end: what comes to a sender in this run is one notice.
        is_left = self._notify_senders(in_cron) or is_left
        if in_cron and not is_left:
            self.env["ir.cron"]._commit_progress(remaining=0)
        return total

    @api.model
    def _follow_batch(self, is_fatal):
        """Do what a batch makes due, after it and in a transaction of its own. Override
        this to add work.

        :param is_fatal: tells which exceptions to raise
        :return: how many trackable emails were due
        :rtype: int
        """
        return 0

    @api.model
    def _get_due_queries(self):
        """Return one query for each kind of work that is due, which selects a row for
        each unit of work. Override this with `_follow_batch`.

        :rtype: list[SQL]
        """
        return [_DUE_HITS, trackable_email_notice.DUE_NOTICES]

    def _notify_senders(self, in_cron):
        """Notify senders whose notices are due, until the cron job's time is over.

        :return: whether some are left
        :rtype: bool
        """
        tell = self.env["trackable.email"]._notify_due_senders
        while self._work_on(tell, in_cron):
            if in_cron and not self._commit_progress(0):
                return True
        return False

    def _work_on(self, work, in_cron):
        """Do some work, under the cron in a transaction that has just begun.

        After a concurrency error the work is done again. The last try handles such an
        error like any other, so that one record cannot stop the job.

        :param work: called with a function that tells which exceptions it must raise
        :param bool in_cron: whether the transaction is this method's to repeat
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
        """Commit a batch. That ends the transaction: the first statement of the next
        one claims work.

        :return: whether there is time left for another
        """
        self._schedule_held()
        queries = [
            SQL("(SELECT FROM (%s) due)", due) for due in self._get_due_queries()
        ]
        query = SQL(
            "SELECT count(*) FROM (%s) waiting", SQL(" UNION ALL ").join(queries)
        )
        [[waiting]] = self.env.execute_query(query)
        return self.env["ir.cron"]._commit_progress(processed, remaining=waiting) > 0

    def _get_first_turn(self):
        """Return whose turn it is: trackable emails with a greater id come first.

        :return: an id: the email of the oldest due hit is the next one
        :rtype: int
        """
        query = SQL(
            "SELECT email.id - 1 FROM %s WHERE hit.error IS NULL AND %s <= %s"
            " ORDER BY hit.id LIMIT 1",
            *(queue_sql.QUEUE, queue_sql.DUE_AT, queue_sql.NOW),
        )
        rows = self.env.execute_query(query)
        return rows[0][0] if rows else 0

    def _process_batch(self, turn=0, is_fatal=has_transaction_failed):
        """Process hits of the trackable emails whose turn it is, and that no other
        worker has locked. The batch ends after `MAX_HITS`, after `MAX_HITS_OF_EMAIL` of
        each email, and after `BATCH_SECONDS`.

        :param int turn: process trackable emails with a greater id
        :param is_fatal: tells which exceptions to raise; other ones set a hit aside
        :return: the number of hits processed or set aside, and the next turn; None
            where the round is over
        :rtype: tuple[int, int | None]
        """
        end = time.monotonic() + BATCH_SECONDS
        email_ids, next_turn = self._claim(turn)
        processed = 0
        for hits, held in self._read_parts(email_ids):
            # Before the hits are deleted.
            part_start = hits[0].trackable_email_id.id - 1
            part_end = hits[-1].trackable_email_id.id
            try:
                hits._process_or_set_aside(held, is_fatal)
            except psycopg2.Error as error:
                if not processed or is_connection_lost(error):
                    raise
                # The earlier parts are committed. The next batch begins with this one.
                return processed, part_start
            processed += len(hits)
            if time.monotonic() > end:
                return processed, part_end
        return processed, next_turn

    def _claim(self, turn):
        """Lock trackable emails with due hits, in the order of their ids. Emails that
        another worker has locked are left out: their hits, present and to come, are
        that worker's.

        The first statement of its transaction (under the cron): with an older
        snapshot, rows changed since would raise serialization failures.

        :param int turn: lock trackable emails with a greater id
        :return: at most `MAX_EMAILS` ids, and the next turn; None where the round is
            over
        :rtype: tuple[list[int], int | None]
        """
        # The recursion reads one entry of the index for each email that waits, however
        # many hits it has. PostgreSQL makes no more rows of it than the limit takes.
        query = SQL(
            """
            WITH RECURSIVE waiting (email_id) AS (
                (SELECT trackable_email_id FROM trackable_hit
                  WHERE error IS NULL AND trackable_email_id > %(turn)s
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
            turn=turn,
            due_at=queue_sql.DUE_AT,
            now=queue_sql.NOW,
            limit=MAX_EMAILS,
        )
        rows = self.env.execute_query(query)
        email_ids = [email_id for email_id, is_locked in rows if is_locked]
        return email_ids, rows[-1][0] if rows else None

    def _read_parts(self, email_ids):
        """Read the hits of a batch, in parts of about `PART_SIZE`.

        If a batch cannot take all hits, the remaining hits belong to the emails with
        the most hits.

        :param list[int] email_ids: locked trackable emails
        :return: due hits in the order of their emails' ids; held hits of these emails
        :rtype: Iterator[tuple[TrackableHit, TrackableHit]]
        """
        hits = self._read_hits(email_ids, True, MAX_HITS_OF_EMAIL)
        held = self._read_hits(email_ids, False, MAX_HELD_OF_EMAIL)
        held_by_email = held.grouped("trackable_email_id")
        none = self.browse()
        part, part_held = none, none
        hits_by_email = hits.grouped("trackable_email_id")
        for email in sorted(hits_by_email, key=lambda email: email.id):
            part += hits_by_email[email]
            part_held += held_by_email.get(email, none)
            if len(part) >= PART_SIZE:
                yield part, part_held
                part, part_held = none, none
        if part:
            yield part, part_held

    def _read_hits(self, email_ids, is_due, limit):
        """Read the oldest hits of trackable emails, those that are due or those that
        are held: the first of each email, then the second of each, and so on, up to
        `MAX_HITS`.

        :param list[int] email_ids: of trackable emails
        :param bool is_due:
        :param int limit: of hits of one email
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
            due_at=queue_sql.DUE_AT,
            now=queue_sql.NOW,
            is_due=is_due,
            limit=limit,
            limit_anonymous=MAX_HITS_OF_ANONYMOUS,
            total=MAX_HITS,
        )
        return self.browse(hit_id for (hit_id,) in self.env.execute_query(query))

    def _process_or_set_aside(self, held, is_fatal):
        """Process these hits. If that fails, process them in halves: first of the
        trackable emails; then, without the held hits, of one email's hits. A hit that
        fails alone is set aside.

        Splitting hides no burst: hits that come later correct earlier actions.

        :param TrackableHit held: held hits of the same trackable emails
        :param is_fatal: tells which exceptions to raise
        """
        try:
            # A savepoint, so that what fails leaves nothing behind.
            with self.env.cr.savepoint():
                self._process_hits(held)
            return
        except Exception as error:  # raised by this module, or by one that extends it
            if is_fatal(error):
                raise
            if len(self) == 1 and not held:
                self._set_aside(error)
                return
            _logger.info("In halves: %s hits failed together", len(self))
        for part, part_held in self._split(held):
            part._process_or_set_aside(part_held, is_fatal)

    def _split(self, held):
        """Smaller parts of hits that failed together.

        :rtype: list[tuple[TrackableHit, TrackableHit]]
        """
        emails = self.trackable_email_id
        if len(emails) > 1:
            return [
                tuple(
                    hits.filtered(lambda hit, half=half: hit.trackable_email_id in half)
                    for hits in (self, held)
                )
                for half in _halves(emails)
            ]
        none_held = self.browse()
        if held:
            return [(self, none_held)]
        return [(half, none_held) for half in _halves(self)]

    def _set_aside(self, error):
        """Take a hit out of the queue, for an administrator to see."""
        self.ensure_one()
        _logger.exception(
            "Hit %s on trackable email %s is set aside",
            *(self.id, self.trackable_email_id.id),
        )
        text = f"{type(error).__name__}: {error}".replace("\0", "")
        self.error = text[:MAX_ERROR]
        self.flush_recordset()  # SQL reads it

    def _schedule_held(self):
        """Have the job run when the first of the held clicks is due, or of the notices
        that wait: nobody's request will wake it then.
        """
        query = SQL(
            """
            SELECT LEAST((SELECT min(%(at)s) FROM %(queue)s
                           WHERE hit.error IS NULL AND %(at)s > %(now)s),
                         (SELECT min(notice_at) FROM trackable_email
                           WHERE notice_at > %(now)s))
            """,
            at=queue_sql.DUE_AT,
            queue=queue_sql.QUEUE,
            now=queue_sql.NOW,
        )
        [[due_at]] = self.env.execute_query(query)
        cron = self._get_cron()
        if not due_at or not cron:
            return
        due_at = due_at.replace(microsecond=0) + timedelta(seconds=1)
        # Not those of the past: they are what the running job was started by.
        scheduled = [
            ("cron_id", "=", cron.id),
            ("call_at", ">", self.env.cr.now()),
            ("call_at", "<=", due_at),
        ]
        if not self.env["ir.cron.trigger"].search_count(scheduled, limit=1):
            cron._trigger(at=due_at)
            seconds = (due_at - self.env.cr.now()).total_seconds()
            if seconds > MAX_SECONDS:
                return  # the end of quiet hours is no matter of seconds
            database = self.env.cr.dbname
            self.env.cr.postcommit.add(
                lambda: cron_wakeup.notify_later(database, seconds)
            )
