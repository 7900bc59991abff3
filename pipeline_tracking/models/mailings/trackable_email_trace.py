import logging

from odoo import api, models
from odoo.tools import SQL

from ...tools import classify, trace_sync
from ...transactions import has_transaction_failed

_logger = logging.getLogger(__name__)

TRACE_BATCH_SIZE = 500  # trackable emails

# The ids of those whose traces are due, or were sent again after they had been opened,
# and are not being sent.
DUE_TRACES = SQL(
    """
    SELECT email.id
      FROM trackable_email email
      JOIN mailing_trace trace ON trace.id = email.mailing_trace_id
     WHERE email.id IN (
               SELECT id FROM trackable_email WHERE is_trace_due
                UNION ALL
               SELECT again.id
                 FROM mailing_trace sent
                 JOIN trackable_email again ON again.mailing_trace_id = sent.id
                WHERE sent.is_open_tracked AND sent.trace_status = 'sent'
                  AND again.is_trace_failed IS NOT TRUE
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
    """Keep Odoo's own statistics of mailings in step with the actions (extends
    trackable.email).
    """

    _inherit = "trackable.email"

    @api.model
    def _sync_due_traces(self, is_fatal=has_transaction_failed):
        """Bring some of the traces that are due in step; those of emails that nobody
        else is working on, and that are sent.

        A trace that is being sent is left for later: were it changed meanwhile, its
        sender could not say that it was sent, and would send it again.

        :param is_fatal: tells which exceptions to raise; other ones leave a trace alone
        :return: how many trackable emails were due
        :rtype: int
        """
        self.flush_model()
        emails = self.browse(self._claim_due_traces())
        if not emails:
            self._drop_due_without_trace()
            return 0
        failed = emails._sync_traces_or_log(is_fatal)
        emails.write({"is_trace_due": False, "is_trace_failed": False})
        failed.is_trace_failed = True
        return len(emails)

    @api.model
    def _claim_due_traces(self):
        """Lock what is due, as `trackable.hit._lock_emails` does, and the traces with
        it: other copies' trackable emails of the same trace need no lock of their own.

        :rtype: list[int]
        """
        query = SQL("%s FOR NO KEY UPDATE OF email, trace SKIP LOCKED", DUE_TRACES)
        return [email_id for (email_id,) in self.env.execute_query(query)]

    @api.autovacuum
    def _gc_failed_traces(self):
        """Try again, once a day, what another module kept from being settled."""
        # sudo: trackable.email - nobody has the right to change them
        failed = self.sudo().search(
            [("is_trace_failed", "=", True)], limit=10 * TRACE_BATCH_SIZE
        )
        failed.write({"is_trace_due": True, "is_trace_failed": False})

    @api.model
    def _drop_due_without_trace(self):
        """Those whose traces were deleted; not those whose traces are still to be
        committed.
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
        """Where it cannot be, for another module that has a say in it, one by one; that
        is logged, and keeps none of the others.

        :param is_fatal: tells which exceptions to raise
        :return: those that could not
        :rtype: TrackableEmail
        """
        try:
            with self.env.cr.savepoint():
                self._sync_traces()
            return self.browse()
        except Exception as error:  # of any module that has a say in traces
            if is_fatal(error):
                raise
            if len(self) == 1:
                _logger.exception("The trace of trackable email %s is left", self.id)
                return self
            _logger.info("One by one: the traces of a batch failed")
        none = self.browse()
        return none.union(*[email._sync_traces_or_log(is_fatal) for email in self])

    def _sync_traces(self):
        """Say in Odoo's own statistics what is known of these emails' traces, by all
        the emails that have them.
        """
        Trace = self.env["mailing.trace"].with_context(trackable_syncing=True)
        traces = Trace.browse(self.mailing_trace_id.ids)
        # A copy to several addresses is several trackable emails.
        emails = self.search([("mailing_trace_id", "in", traces.ids)])
        opened_at, clicked_at = emails._read_trace_dates()
        changes = {
            one: trace_sync.plan_trace_update(
                trace_sync.State(
                    one.trace_status,
                    one.failure_type,
                    bool(one.sent_datetime),
                    one.is_open_tracked,
                    one.links_click_datetime,
                    one.is_click_tracked,
                ),
                opened_at.get(one),
                clicked_at.get(one),
            )
            for one in traces
        }
        # By these others learn of it; they say "now", so the date comes after.
        traces.filtered(lambda one: changes[one].opens).set_opened()
        traces.filtered(lambda one: changes[one].clicks).set_clicked()
        for one, change in changes.items():
            changed = {
                name: value
                for name, value in change.values.items()
                if one[name] != value
            }
            if changed:  # or it would be written on for nothing
                one.write(changed)
        emails._sync_link_clicks()

    def _read_trace_dates(self):
        """When their traces were first opened and last clicked, as it counts.

        :return: two, by trace
        :rtype: tuple[dict, dict]
        """
        opened_at, clicked_at = {}, {}
        for email, counts in self._read_action_counts().items():
            one = email.mailing_trace_id
            opening = {classify.RECIPIENT}
            if email._get_tracking_settings().count_possible_opens:
                opening.add(classify.UNKNOWN)
            for figure in counts:
                kind, first, last = figure.kind, figure.first, figure.last
                if kind == classify.OPEN and figure.actor in opening:
                    opened_at[one] = min(first, opened_at.get(one, first))
                elif kind == classify.CLICK and figure.actor == classify.RECIPIENT:
                    clicked_at[one] = max(last, clicked_at.get(one, last))
        return opened_at, clicked_at

    def _sync_link_clicks(self):
        """Have a row among the clicks of Odoo's link trackers for each click that
        counts, and for no other. Those of clicks that were cleared stay.
        """
        Action = self.env["trackable.email.action"]
        clicks = [
            ("trackable_email_id", "in", self.ids),
            ("kind", "=", classify.CLICK),
        ]
        outdated = Action.search(
            [
                *clicks,
                ("actor", "!=", classify.RECIPIENT),
                ("link_tracker_click_id", "!=", False),
            ]
        )
        outdated.link_tracker_click_id.exists().unlink()
        outdated.link_tracker_click_id = False
        missing = Action.search(
            [
                *clicks,
                ("actor", "=", classify.RECIPIENT),
                ("link_tracker_click_id", "=", False),
                ("trackable_link_id.link_tracker_id", "!=", False),
            ]
        )
        existing = missing.trackable_link_id.link_tracker_id.exists()
        missing.filtered(
            lambda action: action.trackable_link_id.link_tracker_id in existing
        )._create_link_clicks()


class TrackableHit(models.Model):
    """Synchronize Odoo's statistics after a batch of hits (extends trackable.hit)."""

    _inherit = "trackable.hit"

    @api.model
    def _run_after_batch(self, is_fatal):
        followed = super()._run_after_batch(is_fatal)
        # Other processes change the same traces: in a transaction of its own.
        return followed + self.env["trackable.email"]._sync_due_traces(is_fatal)

    @api.model
    def _get_due_queries(self):
        return [*super()._get_due_queries(), DUE_TRACES]
