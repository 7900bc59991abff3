"""Synchronize Odoo's mailing traces (the statistics of each copy) with our actions
(extends trackable.email). The cron job does this after each batch of hits (extends
trackable.hit).
"""

import logging

from odoo import api, models
from odoo.tools import SQL

from ...tools import actors, trace_sync
from ...transactions import has_transaction_failed

_logger = logging.getLogger(__name__)

TRACE_BATCH_SIZE = 500  # trackable emails

# Ids of the trackable emails whose traces are due for synchronization. A trace is also
# due if its copy was sent again after an open: Odoo then set the status back to "sent".
# Traces whose copies are being sent are left out.
DUE_TRACES = SQL(
    """
    SELECT email.id
      FROM trackable_email email
      JOIN mailing_trace trace ON trace.id = email.mailing_trace_id
     WHERE email.id IN (
               SELECT id FROM trackable_email WHERE is_trace_due
                UNION ALL
               SELECT resent_email.id
                 FROM mailing_trace resent
                 JOIN trackable_email resent_email
                   ON resent_email.mailing_trace_id = resent.id
                WHERE resent.is_open_tracked AND resent.trace_status = 'sent'
                  AND resent_email.is_trace_failed IS NOT TRUE
           )
       AND trace.trace_status NOT IN ('outgoing', 'process')
       AND NOT EXISTS (SELECT FROM mail_mail
                        WHERE mail_mail.id = trace.mail_mail_id
                          AND mail_mail.state = 'outgoing')
     ORDER BY email.id LIMIT %s
    """,
    TRACE_BATCH_SIZE,
)


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    @api.model
    def _sync_due_traces(self, is_fatal=has_transaction_failed):
        """Synchronize a batch of the traces that are due. Skip emails that another
        process has locked.

        A trace whose copy is being sent stays due. If the trace changed now, the
        sending process could not mark it as sent, and would send the mail again.

        :param is_fatal: function that takes an exception and returns whether to raise
            the exception. Other exceptions mark the trace as failed.
        :return: number of trackable emails that were due
        :rtype: int
        """
        self.flush_model()
        emails = self.browse(self._claim_due_traces())
        if not emails:
            self._clear_due_without_trace()
            return 0
        failed = emails._sync_traces_or_log(is_fatal)
        emails.write({"is_trace_due": False, "is_trace_failed": False})
        failed.is_trace_failed = True
        return len(emails)

    @api.model
    def _claim_due_traces(self):
        """Lock the trackable emails that are due, and their traces.

        Trackable emails are locked as in `trackable.hit._lock_emails`. The lock on a
        trace also protects other trackable emails with the same trace.

        :return: ids of the trackable emails
        :rtype: list[int]
        """
        query = SQL("%s FOR NO KEY UPDATE OF email, trace SKIP LOCKED", DUE_TRACES)
        return [email_id for (email_id,) in self.env.execute_query(query)]

    @api.autovacuum
    def _retry_failed_traces(self):
        """Make failed traces due again, once a day."""
        # sudo: trackable.email - no user has write access
        failed = self.sudo().search(
            [("is_trace_failed", "=", True)], limit=10 * TRACE_BATCH_SIZE
        )
        failed.write({"is_trace_due": True, "is_trace_failed": False})

    @api.model
    def _clear_due_without_trace(self):
        """Mark trackable emails whose traces were deleted as not due.

        Emails sent in the last day stay due: their traces may not be committed yet.
        """
        self.env.cr.execute(
            """
            UPDATE trackable_email SET is_trace_due = FALSE
             WHERE id IN (SELECT id FROM trackable_email
                           WHERE is_trace_due
                             AND (sent_date IS NULL OR sent_date
                                  < now() AT TIME ZONE 'UTC' - interval '1 day')
                             AND NOT EXISTS (SELECT FROM mailing_trace
                                              WHERE mailing_trace.id = mailing_trace_id)
                             FOR NO KEY UPDATE SKIP LOCKED)
            """
        )
        self.invalidate_model(["is_trace_due"])

    def _sync_traces_or_log(self, is_fatal):
        """Synchronize the traces of these emails. After an error, synchronize them one
        by one, so that a failing trace does not hold up the others.

        :param is_fatal: function that takes an exception and returns whether to raise
            the exception. Other exceptions are logged.
        :return: trackable emails whose traces failed
        :rtype: TrackableEmail
        """
        try:
            with self.env.cr.savepoint():
                self._sync_traces()
            return self.browse()
        except Exception as error:  # other modules can extend traces
            if is_fatal(error):
                raise
            if len(self) == 1:
                _logger.exception("Cannot update the trace of email %s", self.id)
                return self
            _logger.info("A batch of traces failed: updating them one by one")
        failed = [email._sync_traces_or_log(is_fatal) for email in self]
        return self.browse().union(*failed)

    def _sync_traces(self):
        """Update the traces of these emails, and the clicks of Odoo's link trackers,
        from the actions on all emails with these traces.
        """
        Trace = self.env["mailing.trace"].with_context(trackable_syncing=True)
        traces = Trace.browse(self.mailing_trace_id.ids)
        # A copy to several addresses has one trace and several trackable emails.
        emails = self.search([("mailing_trace_id", "in", traces.ids)])
        opened_at, clicked_at = emails._read_trace_dates()
        changes = {
            trace: trace_sync.plan_trace_update(
                trace_sync.State(
                    trace.trace_status,
                    trace.failure_type,
                    bool(trace.sent_datetime),
                    trace.is_open_tracked,
                    trace.links_click_datetime,
                    trace.is_click_tracked,
                ),
                opened_at.get(trace),
                clicked_at.get(trace),
            )
            for trace in traces
        }
        # Other modules extend `set_opened` and `set_clicked`. The methods set the time
        # to now, so the time of the action is written afterwards.
        traces.filtered(lambda trace: changes[trace].opens).set_opened()
        traces.filtered(lambda trace: changes[trace].clicks).set_clicked()
        for trace, change in changes.items():
            changed = {
                name: value
                for name, value in change.values.items()
                if trace[name] != value
            }
            if changed:
                trace.write(changed)
        emails._sync_link_clicks()

    def _read_trace_dates(self):
        """Return the first open and the last click of the traces of these emails, by
        actions that count.

        :return: times of first opens by trace, times of last clicks by trace
        :rtype: tuple[dict, dict]
        """
        opened_at, clicked_at = {}, {}
        for email, counts in self._read_action_counts().items():
            trace = email.mailing_trace_id
            opening_actors = {actors.RECIPIENT}
            if email._get_tracking_settings().count_possible_opens:
                opening_actors.add(actors.UNKNOWN)
            for count in counts:
                if count.kind == actors.OPEN and count.actor in opening_actors:
                    opened_at[trace] = min(
                        count.first, opened_at.get(trace, count.first)
                    )
                elif count.kind == actors.CLICK and count.actor == actors.RECIPIENT:
                    clicked_at[trace] = max(
                        count.last, clicked_at.get(trace, count.last)
                    )
        return opened_at, clicked_at

    def _sync_link_clicks(self):
        """Create a `link.tracker.click` for each click by a recipient.

        Delete it if the action is no longer attributed to a recipient, but not if the
        action was deleted.
        """
        Action = self.env["trackable.email.action"]
        clicks = [
            ("trackable_email_id", "in", self.ids),
            ("kind", "=", actors.CLICK),
        ]
        outdated = Action.search(
            [
                *clicks,
                ("actor", "!=", actors.RECIPIENT),
                ("link_tracker_click_id", "!=", False),
            ]
        )
        outdated.link_tracker_click_id.exists().unlink()
        outdated.link_tracker_click_id = False
        missing = Action.search(
            [
                *clicks,
                ("actor", "=", actors.RECIPIENT),
                ("link_tracker_click_id", "=", False),
                ("trackable_link_id.link_tracker_id", "!=", False),
            ]
        )
        existing = missing.trackable_link_id.link_tracker_id.exists()
        missing.filtered(
            lambda action: action.trackable_link_id.link_tracker_id in existing
        )._create_link_clicks()


class TrackableHit(models.Model):
    _inherit = "trackable.hit"

    @api.model
    def _run_after_batch(self, is_fatal):
        # This hook has a separate transaction: other processes change the same traces.
        due_count = super()._run_after_batch(is_fatal)
        return due_count + self.env["trackable.email"]._sync_due_traces(is_fatal)

    @api.model
    def _get_due_queries(self):
        return [*super()._get_due_queries(), DUE_TRACES]
