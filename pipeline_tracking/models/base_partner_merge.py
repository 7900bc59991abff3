from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # Odoo finds what to update by the foreign keys, and this has none.
        res = super()._update_foreign_keys(src_partners, dst_partner)
        # sudo: trackable.email - nobody has the right to change it
        self.env["trackable.email"].sudo().search(
            [("partner_id", "in", src_partners.ids)]
        ).partner_id = dst_partner
        return res
