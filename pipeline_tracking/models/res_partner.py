from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def unlink(self):
        # sudo: trackable.email - nobody has the right to change it
        self.env["trackable.email"].sudo()._forget(self)
        return super().unlink()
