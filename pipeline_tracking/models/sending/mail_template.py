"""Clear references to deleted templates (extends mail.template)."""

from odoo import models


class MailTemplate(models.Model):
    _name = "mail.template"
    _inherit = ["mail.template", "referenced.record.mixin"]
