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
        for vals in vals_list:
            self._clean_body(vals)
        return super().create(vals_list)

    def write(self, vals):
        vals = dict(vals)
        self._clean_body(vals)
        return super().write(vals)

    @api.model
    def _clean_body(self, vals):
        """Values as before what was pasted or forwarded in the body was tracked: the
        chatter shows it until it is sent.
        """
        if vals.get("body"):
            vals["body"] = self.env["trackable.link"]._restore_html(vals["body"])
