"""Mark opens and clicks set by tracking; record replies (extends mailing.trace)."""

from odoo import fields, models


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # When an action is corrected, the open or click that it set on the trace is undone.
    # An open or click that another source set is never undone.
    is_open_tracked = fields.Boolean("Open Set by Email Tracking", readonly=True)
    is_click_tracked = fields.Boolean("Click Set by Email Tracking", readonly=True)

    _sent_again_idx = models.Index(
        "(id) WHERE is_open_tracked AND trace_status = 'sent'"
    )

    def set_opened(self, domain=None):
        # An automatic reply is not an open.
        if self.env.context.get("trackable_ignore_reply"):
            return self.browse()
        traces = super().set_opened(domain=domain)
        traces._mark_as_set_by_others("is_open_tracked")
        return traces

    def set_clicked(self, domain=None):
        traces = super().set_clicked(domain=domain)
        traces._mark_as_set_by_others("is_click_tracked")
        return traces

    def set_replied(self, domain=None):
        if self.env.context.get("trackable_ignore_reply"):
            return self.browse()
        traces = super().set_replied(domain=domain)
        if traces:
            # sudo: trackable.hit - no user has access rights
            self.env["trackable.hit"].sudo()._record_trace_replies(traces)
        return traces

    def _mark_as_set_by_others(self, field_name):
        """Protect an open or click from later corrections of actions, because another
        source has reported it too.

        :param str field_name: `is_open_tracked` or `is_click_tracked`
        """
        if not self.env.context.get("trackable_syncing"):
            self.filtered(field_name).write({field_name: False})
