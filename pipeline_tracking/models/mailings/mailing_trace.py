"""Remember which opens and clicks were set for actions, and record replies (extends
mailing.trace).
"""

from odoo import fields, models


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # An open or a click that was set for an action is undone with the action. Opens and
    # clicks that others have set are not.
    is_open_tracked = fields.Boolean("Open Set by Email Tracking", readonly=True)
    is_click_tracked = fields.Boolean("Click Set by Email Tracking", readonly=True)

    _sent_again_idx = models.Index(
        "(id) WHERE is_open_tracked AND trace_status = 'sent'"
    )

    def set_opened(self, domain=None):
        # An automatic reply is no open.
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
            # sudo: trackable.hit - nobody has access rights to it
            self.env["trackable.hit"].sudo()._record_trace_replies(traces)
        return traces

    def _mark_as_set_by_others(self, field_name):
        """Keep an open or a click that another source has reported, even if a later
        correction of actions would revert it.

        :param str field_name: the field that is True if the open or the click was set
            for an action
        """
        if not self.env.context.get("trackable_syncing"):
            self.filtered(field_name).write({field_name: False})
