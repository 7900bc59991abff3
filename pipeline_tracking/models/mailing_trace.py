from odoo import fields, models


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # What was set for an action can be undone with it; what others have set cannot.
    is_open_tracked = fields.Boolean("Opened, as Tracking Tells", readonly=True)
    is_click_tracked = fields.Boolean("Clicked, as Tracking Tells", readonly=True)

    def set_opened(self, domain=None):
        # What an absent person's mailbox answers shows nothing.
        if self.env.context.get("trackable_ignore_reply"):
            return self.browse()
        return super().set_opened(domain=domain)

    def set_replied(self, domain=None):
        if self.env.context.get("trackable_ignore_reply"):
            return self.browse()
        traces = super().set_replied(domain=domain)
        if traces:
            # sudo: trackable.hit - nobody has access rights to it
            self.env["trackable.hit"].sudo()._record_trace_replies(traces)
        return traces
