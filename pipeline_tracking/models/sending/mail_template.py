from odoo import models


class MailTemplate(models.Model):
    """Clear references to deleted templates (extends mail.template)."""

    _inherit = "mail.template"

    def unlink(self):
        # Odoo's part comes first: it checks access before anything changes.
        result = super().unlink()
        # sudo: trackable.email - nobody has the right to change them
        self.env["trackable.mixin"].sudo()._clear_references(self)
        return result
