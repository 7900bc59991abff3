"""Move trackable emails and objections of merged contacts to the remaining contact
(extends base.partner.merge.automatic.wizard).
"""

from odoo import api, models

from ...tools import consent
from .contact_anonymize_mixin import MERGING_CONTACTS
from .tracking_consent_mixin import CONSENT_FIELDS


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, *args, **kwargs):
        # Odoo deletes the merged contacts. Their emails go to the remaining contact,
        # and must not be anonymized.
        self = self.with_context(trackable_merging=MERGING_CONTACTS)
        return super()._merge(*args, **kwargs)

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # Odoo updates the columns with foreign keys, and our columns have none.
        res = super()._update_foreign_keys(src_partners, dst_partner)
        # sudo: trackable.email - nobody has the right to change it; res.partner - only
        # the addresses of the contacts are compared
        emails = self.env["trackable.email"].sudo()
        sources = src_partners.sudo()
        addresses = sources.filtered("email_normalized").mapped("email_normalized")
        # An email lacks its contact if the contact was not committed when the email was
        # first sent.
        emails.search(
            [
                "|",
                ("partner_id", "in", sources.ids),
                "&",
                "&",
                ("partner_id", "=", False),
                ("email_to", "in", addresses),
                (
                    "recipient_key",
                    "in",
                    [emails._get_recipient_key(partner) for partner in sources],
                ),
            ]
        )._change_recipient(sources, dst_partner)
        emails.search(
            [("res_model", "=", "res.partner"), ("res_id", "in", src_partners.ids)]
        ).res_id = dst_partner.id
        return res

    def _update_values(self, src_partners, dst_partner):
        # sudo: res.partner - the user may merge contacts without access to consent
        partners = (src_partners | dst_partner).sudo().filtered("tracking_consent")
        res = super()._update_values(src_partners, dst_partner)
        objecting = partners.filtered(
            lambda partner: partner.tracking_consent == consent.OBJECTED
        )
        # Odoo prefers the value of the remaining contact. An objection must win.
        if objecting and dst_partner not in objecting:
            dst_partner.sudo().write(
                {name: objecting[0][name] for name in CONSENT_FIELDS}
            )
        return res
