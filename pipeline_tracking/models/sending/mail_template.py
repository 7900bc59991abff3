from odoo import models


class MailTemplate(models.Model):
    """Clear references to deleted templates (extends mail.template)."""

    _name = "mail.template"
    _inherit = ["mail.template", "referenced.record.mixin"]
