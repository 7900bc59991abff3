import logging
import time
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..fields import LooseMany2one
from ..tools import classify

_logger = logging.getLogger(__name__)

BATCH_SIZE = 500  # hits looked at, to choose the emails to lock at a time
MAX_TEXT = 512  # characters kept of a header
STALE = timedelta(seconds=2)  # age of a trigger that a worker should have taken up

_last_repeated_wake = {}  # database name -> seconds, monotonic


def _clip(text):
    """A header can be of any length, and PostgreSQL's text holds no NUL."""
    return text.replace("\0", "")[:MAX_TEXT]


class TrackableHit(models.Model):
    """One request to a tracked URL, as it came. A queue: appended to by requests,
    emptied by `_process`.
    """

    _name = "trackable.hit"
    _description = "Trackable Email Hit"
    _order = "id"
    _log_access = False

    # No foreign keys: appending must not wait on another row, nor fail for one.
    trackable_email_id = LooseMany2one("trackable.email", required=True, index=True)
    trackable_link_id = LooseMany2one("trackable.link")
    occurred_at = fields.Datetime("Date", required=True)
    method = fields.Char()
    ip = fields.Char("IP Address")
    user_agent = fields.Char()
    purpose = fields.Char()

    # ------------------------------------------------------------
    # Appending: on the request's path
    # ------------------------------------------------------------

    @api.model
    def _record(self, hit_token, *, method, ip, user_agent, purpose):
        """Append a hit, in one statement. Whatever happens here, the answer to the
        request is the same: a database error is logged, not raised.

        Nothing is appended where the token's id is another email's now (a restored
        database), or nobody's (a deleted one).

        :param token.Token hit_token: verified
        :param str method: of the request
        :param str ip: where it came from
        :param str user_agent: as the client names itself, or ""
        :param str purpose: what it says it fetches for, or ""
        """
        query = SQL(
            """
            INSERT INTO trackable_hit
                (trackable_email_id, trackable_link_id, occurred_at,
                 method, ip, user_agent, purpose)
            SELECT id, %(link_id)s, now() AT TIME ZONE 'UTC',
                   %(method)s, %(ip)s, %(user_agent)s, %(purpose)s
              FROM trackable_email
             WHERE id = %(email_id)s AND nonce = %(email_nonce)s
            """,
            email_id=hit_token.email_id,
            email_nonce=hit_token.email_nonce,
            link_id=hit_token.link_id or None,
            method=method,
            ip=ip,
            user_agent=_clip(user_agent),
            purpose=_clip(purpose),
        )
        try:
            # A savepoint, so that the request's transaction outlives an error.
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(query, log_exceptions=False)
                appended = self.env.cr.rowcount
        except psycopg2.Error:
            _logger.exception("A hit on trackable email %s is lost", hit_token.email_id)
            return
        if appended:
            self.env.cr.postcommit.add(self._wake_cron)

    @api.model
    def _wake_cron(self):
        """Have `_process` run soon, with one trigger however many hits are waiting.

        Runs after the hit was committed, on a cursor of its own: a trigger that a
        running job is about to delete is locked, and seen as such only by a snapshot
        taken now. Without a trigger that is free, that job may have missed the hit.
        A free one that nobody took up was told to workers that could not start the
        job then: they are told again.
        """
        cron = self.env.ref(
            "pipeline_tracking.ir_cron_process_hits", raise_if_not_found=False
        )
        if not cron:
            return  # an administrator deleted it
        query = SQL(
            """
            WITH free AS (
                SELECT call_at FROM ir_cron_trigger
                 WHERE cron_id = %(cron_id)s AND call_at <= now() AT TIME ZONE 'UTC'
                   FOR KEY SHARE SKIP LOCKED
            ), made AS (
                INSERT INTO ir_cron_trigger (cron_id, call_at)
                SELECT id, date_trunc('second', now() AT TIME ZONE 'UTC')
                  FROM ir_cron
                 WHERE id = %(cron_id)s AND active AND NOT EXISTS (SELECT FROM free)
             RETURNING id
            )
            SELECT EXISTS (SELECT FROM made),
                   EXISTS (SELECT FROM free
                            WHERE call_at < now() AT TIME ZONE 'UTC' - %(stale)s)
            """,
            cron_id=cron.id,
            stale=STALE,
        )
        try:
            with self.pool.cursor() as cr:
                cr.execute(query, log_exceptions=False)
                is_made, is_stale = cr.fetchone()
                if is_made or (is_stale and self._may_repeat_wake()):
                    cr.postcommit.add(cron._notifydb)
        except psycopg2.Error:
            # The hit is safe, and the answer goes out: the job runs at its interval.
            _logger.exception("The cron could not be woken")

    @api.model
    def _may_repeat_wake(self):
        """Whether the last time, in this process, is long enough ago: under a backlog
        every hit finds the trigger that waits for the job to end.
        """
        now = time.monotonic()
        last = _last_repeated_wake.get(self.env.cr.dbname, float("-inf"))
        if now - last < STALE.total_seconds():
            return False
        _last_repeated_wake[self.env.cr.dbname] = now
        return True

    # ------------------------------------------------------------
    # Processing: behind it
    # ------------------------------------------------------------

    @api.model
    def _process(self):
        """Turn what is queued into actions, and show them.

        Under the cron each batch is committed; elsewhere the caller commits.

        :return: number of hits processed
        :rtype: int
        """
        # sudo: trackable.hit - only this method writes what hits lead to
        self = self.sudo()
        in_cron = "ir_cron_progress_id" in self.env.context
        total = processed = 0
        while not in_cron or self._commit_progress(processed):
            processed = self._process_batch()
            if not processed:
                self._drop_orphans()
                if in_cron:
                    self.env["ir.cron"]._commit_progress(remaining=0)
                break
            total += processed
        return total

    def _commit_progress(self, processed):
        """Commit a batch, and with it end the transaction: the next is claimed by a
        first statement.

        :return: whether there is time left for another
        """
        waiting = self.search_count([], limit=BATCH_SIZE)
        return self.env["ir.cron"]._commit_progress(processed, remaining=waiting) > 0

    def _process_batch(self):
        """Process the hits of some trackable emails that nobody else is working on.

        :return: number of hits processed; 0 where nothing is left to do
        """
        email_ids = self._claim()
        if not email_ids:
            return 0
        hits = self.search([("trackable_email_id", "in", email_ids)])
        actions = self.env["trackable.email.action"].create(
            [hit._prepare_action_values() for hit in hits]
        )
        counting = actions.filtered(lambda action: action.actor == classify.RECIPIENT)
        counting.trackable_email_id._count(counting)
        self.env["trackable.email.entry"]._show(counting)
        # In the transaction that stored what they meant, and in no other.
        hits.unlink()
        return len(hits)

    def _claim(self):
        """Lock the trackable emails of the oldest hits, but for those another worker
        has locked: their hits, present and to come, are his.

        The first statement of its transaction (under the cron): with an older
        snapshot, rows changed since would raise serialization failures.

        :rtype: list[int]
        """
        return [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT id FROM trackable_email
                     WHERE id IN (SELECT email.id FROM trackable_hit hit
                                    JOIN trackable_email email
                                      ON email.id = hit.trackable_email_id
                                   ORDER BY hit.id LIMIT %s)
                     ORDER BY id
                       FOR NO KEY UPDATE SKIP LOCKED
                    """,
                    BATCH_SIZE,
                )
            )
        ]

    def _drop_orphans(self):
        """Delete the hits of trackable emails that were deleted meanwhile."""
        self.env.cr.execute(
            """
            DELETE FROM trackable_hit
             WHERE NOT EXISTS (SELECT FROM trackable_email
                                WHERE trackable_email.id = trackable_email_id)
            """
        )

    def _prepare_action_values(self):
        """Values of the action a hit means. To be extended.

        :rtype: dict
        """
        self.ensure_one()
        kind = self._get_kind()
        actor, reason = classify.classify(
            kind,
            method=self.method or "",
            user_agent=self.user_agent or "",
            purpose=self.purpose or "",
        )
        return {
            "trackable_email_id": self.trackable_email_id.id,
            "trackable_link_id": self.trackable_link_id.id,
            "kind": kind,
            "actor": actor,
            "reason": reason,
            "occurred_at": self.occurred_at,
            "user_agent": self.user_agent,
        }

    def _get_kind(self):
        self.ensure_one()
        if not self.trackable_link_id:
            return classify.OPEN
        return classify.DOWNLOAD if self.trackable_link_id.is_file else classify.CLICK
