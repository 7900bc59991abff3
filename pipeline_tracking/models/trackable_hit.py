import logging
import time
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..fields import LooseMany2one

_logger = logging.getLogger(__name__)

MAX_TEXT = 512  # characters kept of a header
STALE = timedelta(seconds=2)  # age of a trigger that a worker should have taken up
CRON = "pipeline_tracking.ir_cron_process_hits"

_last_repeated_wake = {}  # database name -> seconds, monotonic


def _clip(text):
    """A header can be of any length, and PostgreSQL's text holds no NUL."""
    return text.replace("\0", "")[:MAX_TEXT]


class TrackableHit(models.Model):
    """One request to a tracked URL, as it came; or a reply, which tells of an open as
    well. A queue: appended to by requests, emptied by `_process`.
    """

    _name = "trackable.hit"
    _inherit = ["trackable.queue.mixin", "trackable.verdict.mixin"]
    _description = "Trackable Email Hit"
    _order = "id"
    _log_access = False

    # No foreign keys: appending must not wait on another row, nor fail for one.
    trackable_email_id = LooseMany2one(
        "trackable.email", "Email", required=True, index=True, readonly=True
    )
    trackable_link_id = LooseMany2one("trackable.link", "Link", readonly=True)
    reply_message_id = LooseMany2one("mail.message", "Reply", readonly=True)
    occurred_at = fields.Datetime("Date", required=True, readonly=True)
    method = fields.Char(readonly=True)
    ip = fields.Char("IP Address", readonly=True)
    user_agent = fields.Char(readonly=True)
    purpose = fields.Char(readonly=True)
    # of a live session
    user_id = LooseMany2one("res.users", "User", readonly=True)
    error = fields.Char(readonly=True, help="Why it could not be processed.")

    _set_aside_idx = models.Index("(id) WHERE error IS NOT NULL")

    @api.model
    def _record(self, hit_token, *, method, ip, user_agent, purpose, user_id=None):
        """Append a hit, in one statement. Whatever happens here, the answer to the
        request is the same: a database error is logged, not raised.

        Nothing is appended where the token's id is another email's now (a restored
        database), or nobody's (a deleted one).

        :param token.Token hit_token: verified
        :param str method: of the request
        :param str ip: where it came from, or "" where that is not known
        :param str user_agent: as the client names itself, or ""
        :param str purpose: what it says it fetches for, or ""
        :param int | None user_id: whose live session it came with
        """
        # The clock, and not the transaction's time: hits are compared by it.
        query = SQL(
            """
            INSERT INTO trackable_hit
                (trackable_email_id, trackable_link_id, occurred_at,
                 method, ip, user_agent, purpose, user_id)
            SELECT id, %(link_id)s, clock_timestamp() AT TIME ZONE 'UTC',
                   %(method)s, %(ip)s, %(user_agent)s, %(purpose)s, %(user_id)s
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
            user_id=user_id or None,
        )
        self._append(query, f"A hit on trackable email {hit_token.email_id} is lost")

    @api.model
    def _record_reply(self, message, email_from):
        """Append what a reply tells: that the email it answers was opened.

        That is the email it is an answer to where that is known, and the last one sent
        to the same address from the same thread where it is not.

        :param mail.message message: incoming
        :param str email_from: its author's address, normalised
        """
        query = SQL(
            """
            INSERT INTO trackable_hit
                (trackable_email_id, reply_message_id, occurred_at)
            SELECT id, %(message_id)s, clock_timestamp() AT TIME ZONE 'UTC'
              FROM trackable_email
             WHERE (mail_message_id = %(parent_id)s  -- wherever it is now: merged…
                    OR (res_model = %(model)s AND res_id = %(res_id)s))
               AND email_to = %(email_from)s AND sent_date IS NOT NULL
             ORDER BY (mail_message_id = %(parent_id)s) IS TRUE DESC,
                      sent_date DESC, id DESC
             LIMIT 1
            """,
            message_id=message.id,
            parent_id=message.parent_id.id or 0,
            model=message.model,
            res_id=message.res_id,
            email_from=email_from,
        )
        self._append(query, f"What the reply {message.id} tells is lost")

    @api.model
    def _append(self, query, complaint):
        """Append to the queue, and have it processed.

        :param SQL query: that inserts
        :param str complaint: what to log should the database refuse
        """
        try:
            # A savepoint, so that the caller's transaction outlives an error.
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(query, log_exceptions=False)
                appended = self.env.cr.rowcount
        except psycopg2.Error:
            _logger.exception(complaint)
            return
        if appended:
            self.env.cr.postcommit.add(self._wake_cron)

    @api.model
    def _get_cron(self):
        """The job that processes the queue, if no administrator deleted it."""
        return self.env.ref(CRON, raise_if_not_found=False)

    @api.model
    def _wake_cron(self):
        """Have `_process` run soon, with one trigger however many hits are waiting.

        Runs after the hit was committed, on a cursor of its own: a trigger that a
        running job is about to delete is locked, and seen as such only by a snapshot
        taken now. Without a trigger that is free, that job may have missed the hit.
        A free one that nobody took up was told to workers that could not start the
        job then: they are told again.
        """
        cron = self._get_cron()
        if not cron:
            return
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

    def action_retry(self):
        """Have hits that were set aside processed again."""
        self.check_access("read")  # who may see them may have them tried again
        # sudo: trackable.hit - nobody has the right to change them
        self.sudo().error = False
        self.env.cr.postcommit.add(self._wake_cron)
