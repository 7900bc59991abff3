from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # For every batch of a mailing, the contacts with its addresses.
    _email_normalized_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )

    def unlink(self):
        # sudo: trackable.email, trackable.link - nobody has the right to change them
        self.env["trackable.mixin"].sudo()._forget(self)
        return super().unlink()
