"""Store the tracking flag of scheduled messages, and remove tracked URLs from their
bodies (extends mail.scheduled.message).
"""

from odoo import api, models


class MailScheduledMessage(models.Model):
    _inherit = "mail.scheduled.message"

    @api.model
    def _notification_parameters_whitelist(self):
        return super()._notification_parameters_whitelist() | {
            "is_tracked",
            "tracked_template_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_restored_body(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_restored_body(vals))

    @api.model
    def _with_restored_body(self, vals):
        """Return the values with original links in the body, in place of tracked URLs
        that the author pasted or forwarded. The chatter shows this body until the
        message is sent.

        :rtype: dict
        """
        if not vals.get("body"):
            return vals
        return {**vals, "body": self.env["trackable.link"]._restore_html(vals["body"])}
