from odoo import models


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def unlink(self):
        # sudo: trackable.email - nobody has the right to change them
        self.env["trackable.mixin"].sudo()._forget(self)
        return super().unlink()
