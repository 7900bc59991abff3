from odoo import models


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def unlink(self):
        # First, so that nothing changes where it is not allowed.
        result = super().unlink()
        # sudo: trackable.email - nobody has the right to change them
        self.env["trackable.mixin"].sudo()._clear_references(self)
        return result
