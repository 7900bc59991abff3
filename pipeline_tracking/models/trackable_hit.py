import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from .. import cron_wakeup
from ..fields import UnenforcedMany2one
from ..tools import hit_append_sql

_logger = logging.getLogger(__name__)

MAX_ORPHANS = 10_000  # hits deleted in one transaction


class TrackableHit(models.Model):
    """A hit: a request to a tracked URL that is not yet classified, or a reply, which
    implies an open. The table is a queue: requests append hits, and `_process` turns
    hits into actions. A hit can also ask to classify earlier actions again
    (`_request_rechecks`).

    Fields that hold the state of a hit, and the methods that change them:

    =================== ============================ =================================
    field               set by                       cleared by
    =================== ============================ =================================
    error               `_set_aside`                 `action_retry`
    are_details_deleted `_gc_set_aside_details`      never
    ip, user_agent,     the request                  `_gc_set_aside_details`, except
    user_id                                          details that an action stores
    purpose,            the request                  `_gc_set_aside_details`
    ip_subscriber
    =================== ============================ =================================

    `_process_hits` deletes a hit in the transaction that stores its action. Hits are
    also deleted when their email is stopped, anonymized or deleted, and by
    `_gc_set_aside` and `_gc_orphans`.
    """

    _name = "trackable.hit"
    _description = "Tracked Email Request"
    _order = "id"
    _log_access = False

    # No foreign keys: appending must not wait for another row, nor fail because of it.
    trackable_email_id = UnenforcedMany2one(
        "trackable.email", "Email", required=True, readonly=True
    )
    trackable_link_id = UnenforcedMany2one("trackable.link", "Link", readonly=True)
    is_reply = fields.Boolean(readonly=True)
    # Not a request: actions of the email near this time must be classified again.
    is_recheck = fields.Boolean(readonly=True)
    occurred_at = fields.Datetime("Date", required=True, readonly=True)
    method = fields.Char(readonly=True)
    # No user reads these details: processing decides which of them an action stores.
    ip = fields.Char("IP Address", readonly=True, groups=fields.NO_ACCESS)
    # The client's address or network, for the limits on floods: see
    # `networks.get_subscriber`.
    ip_subscriber = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    user_agent = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    purpose = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    is_part = fields.Boolean(
        "Partial Download",
        readonly=True,
        help="The request is for part of a file, not for the whole file.",
    )
    # The user of the request's live session.
    user_id = UnenforcedMany2one(
        "res.users", "User", readonly=True, groups=fields.NO_ACCESS
    )
    error = fields.Char(
        readonly=True, help="Error that stopped the processing of this request."
    )
    # Details needed to classify the request were deleted: its actor is usually unknown.
    are_details_deleted = fields.Boolean(readonly=True, groups=fields.NO_ACCESS)
    waited = fields.Char("Waiting Time", compute="_compute_waited")

    # Serves the limits on waiting hits (`hit_append_sql`) and the search for the next
    # emails (`_lock_emails`).
    _waiting_idx = models.Index(
        "(trackable_email_id, (COALESCE(trackable_link_id, 0)), ip_subscriber)"
        " WHERE error IS NULL"
    )
    _set_aside_idx = models.Index("(id) WHERE error IS NOT NULL")

    def init(self):
        """Set PostgreSQL's estimate of the number of emails with hits in the queue.

        PostgreSQL often collects statistics while the queue holds a flood on one email
        only. With such statistics, it reads the whole queue to find the hits of any
        other email.
        """
        result = super().init()
        self.env.cr.execute(
            "ALTER TABLE trackable_hit ALTER trackable_email_id"
            " SET (n_distinct = -0.05)"  # estimate: 20 hits per email
        )
        return result

    @api.model
    def _record(
        self,
        hit_token,
        *,
        method,
        ip,
        user_agent,
        purpose,
        wants_privacy=False,
        user_id=None,
        is_part=False,
    ):
        """Append a hit, in one statement. A database error is logged, not raised: the
        request gets its answer even if the hit is lost.

        The method appends nothing in these cases:

        - the token's email was deleted, or its tracking was stopped;
        - the token's id belongs to another email, in a restored database;
        - the request asks not to be tracked, and the company respects that;
        - too many hits are waiting.

        :param tracking_token.Token hit_token: a verified token
        :param str method: the HTTP method
        :param str ip: the client's address, or "" if it is not known
        :param str user_agent: the header, or ""
        :param str purpose: the headers that announce a prefetch, or ""
        :param bool wants_privacy: whether the request asks not to be tracked
        :param int | None user_id: the user of the request's live session
        :param bool is_part: whether the request is for a part of a file
        """
        request = {
            "method": method,
            "ip": ip,
            "user_agent": user_agent,
            "purpose": purpose,
            "wants_privacy": wants_privacy,
        }
        query = SQL(
            hit_append_sql.APPEND,
            **hit_append_sql.prepare_values(hit_token, request, user_id, is_part),
        )
        self._append(query, f"A hit on trackable email {hit_token.email_id} is lost")

    @api.model
    def _record_reply(self, message, email_from):
        """Append a reply, which implies an open of the email that it answers.

        The reply answers the copy of its parent message that was sent to the reply's
        author. If there is none, the reply answers the last tracked email sent to the
        author from the record in whose chatter the reply is.

        :param mail.message message: the reply
        :param str email_from: the normalized address of the reply's author
        """
        query = SQL(
            """
            INSERT INTO trackable_hit
                (trackable_email_id, is_reply, occurred_at)
            SELECT id, TRUE, clock_timestamp() AT TIME ZONE 'UTC'
              FROM trackable_email
             WHERE (mail_message_id = %(parent_id)s  -- also after it moved in a merge
                    OR (res_model = %(model)s AND res_id = %(res_id)s))
               AND email_to = %(email_from)s AND sent_date IS NOT NULL
               AND is_stopped IS NOT TRUE
             ORDER BY (mail_message_id = %(parent_id)s) IS TRUE DESC,
                      sent_date DESC, id DESC
             LIMIT 1
            """,
            parent_id=message.parent_id.id or 0,
            model=message.model,
            res_id=message.res_id,
            email_from=email_from,
        )
        self._append(query, f"Reply {message.id} is lost")

    @api.model
    def _record_trace_replies(self, traces):
        """Append replies to copies of mailings. The trace identifies the copy, because
        Odoo usually deletes the copy's message.

        :param mailing.trace traces: the traces of the answered copies
        """
        query = SQL(
            """
            INSERT INTO trackable_hit (trackable_email_id, is_reply, occurred_at)
            SELECT id, TRUE, clock_timestamp() AT TIME ZONE 'UTC'
              FROM trackable_email
             WHERE mailing_trace_id = ANY(%s) AND is_stopped IS NOT TRUE
            """,
            traces.ids,
        )
        self._append(query, f"Replies to {traces} are lost")

    @api.model
    def _append(self, query, complaint):
        """Append hits to the queue, and request processing. Log a database error.

        :param SQL query: a statement that inserts hits
        :param str complaint: the message to log on a database error
        """
        try:
            # A savepoint, so that an error does not end the caller's transaction.
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(query, log_exceptions=False)
                appended_count = self.env.cr.rowcount
        except psycopg2.Error:
            _logger.exception(complaint)
            return
        if appended_count:
            self._request_processing()

    @api.autovacuum
    def _gc_orphans(self):
        """Delete hits whose trackable email was deleted with SQL: no batch reads them.
        (`unlink` of a trackable email deletes the email's hits.)

        :return: number of deleted hits, and of hits that may be left
        :rtype: tuple[int, int]
        """
        self.env.cr.execute(
            """
            DELETE FROM trackable_hit
             WHERE id = ANY(ARRAY(  -- evaluated once, and the limit holds
                    SELECT id FROM trackable_hit
                     WHERE NOT EXISTS (SELECT FROM trackable_email
                                        WHERE trackable_email.id = trackable_email_id)
                     LIMIT %s FOR UPDATE SKIP LOCKED))
            """,
            [MAX_ORPHANS],
        )
        deleted_count = self.env.cr.rowcount
        return deleted_count, MAX_ORPHANS if deleted_count == MAX_ORPHANS else 0

    @api.model
    def _get_cron(self):
        """Return the cron job that processes the queue, or None if it was deleted."""
        return self.env.ref(cron_wakeup.CRON, raise_if_not_found=False)

    @api.model
    def _request_processing(self):
        """Schedule `_process` to run soon after this transaction is committed."""
        database = self.env.cr.dbname
        self.env.cr.postcommit.add(
            lambda: cron_wakeup.wakeup_timer.request_run(database)
        )

    def action_retry(self):
        """Return set-aside hits to the queue, and request processing."""
        self.check_access("read")  # users who may read hits may retry them
        # sudo: trackable.hit - no user has write access
        self.sudo().error = False
        self._request_processing()
