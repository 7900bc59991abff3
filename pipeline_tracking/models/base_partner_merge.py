from odoo import api, models
from odoo.tools import SQL

from ..tools import consent
from . import trackable_consent_mixin


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, *args, **kwargs):
        # Those that are merged are deleted, and what was theirs is the other's.
        self = self.with_context(trackable_merging=True)
        return super()._merge(*args, **kwargs)

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # Odoo finds what to update by the foreign keys, and these have none.
        res = super()._update_foreign_keys(src_partners, dst_partner)
        # sudo: trackable.email - nobody has the right to change it
        emails = self.env["trackable.email"].sudo()
        emails.search([("partner_id", "in", src_partners.ids)]).partner_id = dst_partner
        emails.search(
            [("res_model", "=", "res.partner"), ("res_id", "in", src_partners.ids)]
        ).res_id = dst_partner.id
        # The chatter entries move with the chatter, but for a day that has one there.
        self.env.cr.execute(
            SQL(
                """
                UPDATE trackable_email_entry moved SET res_id = %(dst)s
                 WHERE res_model = 'res.partner' AND res_id IN %(src)s
                   AND NOT EXISTS (
                        SELECT FROM trackable_email_entry there
                         WHERE there.trackable_email_id = moved.trackable_email_id
                           AND there.day = moved.day
                           AND there.res_model = 'res.partner'
                           AND there.res_id = %(dst)s)
                """,
                src=tuple(src_partners.ids),
                dst=dst_partner.id,
            )
        )
        return res

    def _update_values(self, src_partners, dst_partner):
        # sudo: res.partner - whoever may merge them need not know
        said = (src_partners | dst_partner).sudo().filtered("tracking_consent")
        res = super()._update_values(src_partners, dst_partner)
        objecting = said.filtered(lambda one: one.tracking_consent == consent.OBJECTED)
        # Odoo prefers what the one says that is kept.
        if objecting and dst_partner not in objecting:
            dst_partner.sudo().write(
                {name: objecting[0][name] for name in trackable_consent_mixin.NAMES}
            )
        return res
