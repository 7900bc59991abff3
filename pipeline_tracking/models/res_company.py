from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def unlink(self):
        # sudo: trackable.email - nobody has the right to change it
        self.env["trackable.email"].sudo()._forget(self)
        return super().unlink()
