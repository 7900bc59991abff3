from odoo import models


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def unlink(self):
        # sudo: trackable.email, trackable.link - nobody has the right to change them
        self.env["trackable.mixin"].sudo()._forget(self)
        return super().unlink()
