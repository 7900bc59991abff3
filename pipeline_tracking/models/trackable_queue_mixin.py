import logging
from datetime import timedelta

from psycopg2.extensions import TransactionRollbackError

from odoo import api, models
from odoo.service.model import MAX_TRIES_ON_CONCURRENCY_FAILURE
from odoo.tools import SQL

from .. import savepoint, waking
from ..errors import TRANSACTION_FAILED
from ..tools import queue_sql
from . import trackable_notice_mixin, trackable_trace_mixin
from .res_company import MAX_SECONDS

_logger = logging.getLogger(__name__)

BATCH_SIZE = 500  # hits looked at, to choose the emails to lock at a time
MAX_HITS = 10_000  # of these emails, taken at a time: of a mailing's, or a flood
MAX_ERROR = 1000  # characters kept of an error


def _halves(records):
    middle = len(records) // 2
    return records[:middle], records[middle:]


class TrackableQueueMixin(models.AbstractModel):
    """Of hits: the way through the queue. Each is processed once, by one worker, and
    holds up no other.
    """

    _name = "trackable.queue.mixin"
    _description = "Trackable Queue Mixin"

    @api.model
    def _process(self):
        """Turn what is queued into actions, and show them; all but clicks that are
        held, and hits that were set aside. Then bring Odoo's own statistics of mailings
        in step, and tell senders of what is news to them.

        Under the cron each batch is committed; elsewhere the caller commits.

        :return: number of hits processed
        :rtype: int
        """
        # sudo: trackable.hit - only this method writes what hits lead to
        self = self.sudo()
        self.env.flush_all()  # what is read by SQL
        in_cron = "ir_cron_progress_id" in self.env.context
        settle_traces = self.env["trackable.email"]._settle_due_traces
        total, is_left = 0, True
        has_time = not in_cron or self._commit_progress(0)
        while has_time and is_left:
            processed = self._work_on(self._process_batch, in_cron)
            has_time = not in_cron or self._commit_progress(processed)
            # In a transaction of its own: the rows are others', who change them too.
            settled = self._work_on(settle_traces, in_cron)
            if in_cron:
                self.env["ir.cron"]._commit_progress(settled)
            total += processed
            is_left = processed or settled
        # Once, at the end: what comes to a sender in this run is one notice.
        is_left = self._tell_senders(in_cron) or is_left
        if in_cron and not is_left:
            self.env["ir.cron"]._commit_progress(remaining=0)
        return total

    def _tell_senders(self, in_cron):
        """Tell those who are to be told of news now, while there is time.

        :return: whether some are left
        :rtype: bool
        """
        tell = self.env["trackable.email"]._tell_due_notices
        while self._work_on(tell, in_cron):
            if in_cron and not self._commit_progress(0):
                return True
        return False

    def _work_on(self, work, in_cron):
        """Do some work, under the cron in a transaction that has just begun.

        :param work: takes nothing; gives how much it has done
        :param bool in_cron: the transaction is ours to repeat, where another worker was
            there between our look and our lock
        """
        for tries_left in reversed(range(MAX_TRIES_ON_CONCURRENCY_FAILURE + 1)):
            try:
                return work()
            except TransactionRollbackError:
                if not in_cron or not tries_left:
                    raise
                self.env.cr.rollback()

    def _commit_progress(self, processed):
        """Commit a batch, and with it end the transaction: the next is claimed by a
        first statement.

        :return: whether there is time left for another
        """
        self._schedule_held()
        query = SQL(
            """
            SELECT count(*)
              FROM ((SELECT FROM %s WHERE hit.error IS NULL AND %s <= %s LIMIT %s)
                    UNION ALL
                    (SELECT FROM (%s) traces)
                    UNION ALL
                    (SELECT FROM (%s) notices)) waiting
            """,
            *(queue_sql.QUEUE, queue_sql.DUE_AT, queue_sql.NOW, BATCH_SIZE),
            *(trackable_trace_mixin.DUE, trackable_notice_mixin.DUE),
        )
        [[waiting]] = self.env.execute_query(query)
        return self.env["ir.cron"]._commit_progress(processed, remaining=waiting) > 0

    def _process_batch(self):
        """Process the hits of some trackable emails that nobody else is working on.

        :return: number of hits processed or set aside; 0 where nothing is left to do
        """
        email_ids = self._claim()
        if not email_ids:
            self._drop_orphans()
            return 0
        due, held = self._read_claimed(email_ids)
        due._process_or_set_aside(held)
        return len(due)

    def _claim(self):
        """Lock the trackable emails of the oldest hits, but for those another worker
        has locked: their hits, present and to come, are his.

        The first statement of its transaction (under the cron): with an older
        snapshot, rows changed since would raise serialization failures.

        :rtype: list[int]
        """
        query = SQL(
            """
            SELECT id FROM trackable_email
             WHERE id IN (SELECT email.id FROM %s
                           WHERE hit.error IS NULL AND %s <= %s
                           ORDER BY hit.id LIMIT %s)
             ORDER BY id
               FOR NO KEY UPDATE SKIP LOCKED
            """,
            *(queue_sql.QUEUE, queue_sql.DUE_AT, queue_sql.NOW, BATCH_SIZE),
        )
        return [email_id for (email_id,) in self.env.execute_query(query)]

    def _read_claimed(self, email_ids):
        """The hits of trackable emails: those to process, and those that are held.

        :rtype: tuple[TrackableHit, TrackableHit]
        """
        query = SQL(
            """
            SELECT hit.id, %s <= %s FROM %s
             WHERE hit.error IS NULL AND hit.trackable_email_id = ANY(%s)
             ORDER BY hit.id LIMIT %s
            """,
            *(queue_sql.DUE_AT, queue_sql.NOW, queue_sql.QUEUE, email_ids, MAX_HITS),
        )
        rows = self.env.execute_query(query)
        return (
            self.browse(hit_id for hit_id, is_due in rows if is_due),
            self.browse(hit_id for hit_id, is_due in rows if not is_due),
        )

    def _process_or_set_aside(self, held):
        """Process these hits. Where that cannot be, in halves: of the trackable emails,
        then, without those that are held, of one email's hits. Which fails alone is set
        aside.

        What hits mean together is found all the same: one that comes later corrects
        what was judged before.

        :param TrackableHit held: of the same trackable emails
        """
        try:
            # A savepoint, so that what fails leaves nothing behind.
            with savepoint.telling(self.env.cr):
                self._process_hits(held)
            return
        except TRANSACTION_FAILED:
            raise
        except Exception as error:  # of us, or of a module that extends us
            if len(self) == 1 and not held:
                self._set_aside(error)
                return
            _logger.info("In halves: %s hits failed together", len(self))
        for part, part_held in self._split(held):
            part._process_or_set_aside(part_held)

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

    def _drop_orphans(self):
        """Delete the hits of trackable emails that were deleted meanwhile."""
        self.env.cr.execute(
            """
            DELETE FROM trackable_hit
             WHERE NOT EXISTS (SELECT FROM trackable_email
                                WHERE trackable_email.id = trackable_email_id)
            """
        )

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
            self.env.cr.postcommit.add(lambda: waking.notify_later(database, seconds))
