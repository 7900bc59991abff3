from odoo import fields, models


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # What was set for an action can be undone with it; what others have set cannot.
    is_open_tracked = fields.Boolean("Opened, as Tracking Tells", readonly=True)
    is_click_tracked = fields.Boolean("Clicked, as Tracking Tells", readonly=True)

    _sent_again_idx = models.Index(
        "(id) WHERE is_open_tracked AND trace_status = 'sent'"
    )

    def set_opened(self, domain=None):
        # What an absent person's mailbox answers shows nothing.
        if self.env.context.get("trackable_ignore_reply"):
            return self.browse()
        traces = super().set_opened(domain=domain)
        traces._leave_to_others("is_open_tracked")
        return traces

    def set_clicked(self, domain=None):
        traces = super().set_clicked(domain=domain)
        traces._leave_to_others("is_click_tracked")
        return traces

    def set_replied(self, domain=None):
        if self.env.context.get("trackable_ignore_reply"):
            return self.browse()
        traces = super().set_replied(domain=domain)
        if traces:
            # sudo: trackable.hit - nobody has access rights to it
            self.env["trackable.hit"].sudo()._record_trace_replies(traces)
        return traces

    def _leave_to_others(self, mark):
        """What others tell as well is not undone for a correction of ours.

        :param str mark: the field that says that it is of our doing
        """
        if not self.env.context.get("trackable_syncing"):
            self.filtered(mark).write({mark: False})
