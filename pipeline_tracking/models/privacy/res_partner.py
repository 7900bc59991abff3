"""Record consent on contacts, and anonymize deleted ones (extends res.partner)."""

from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = [
        "res.partner",
        "tracking.consent.mixin",
        # This order: references are cleared after the emails that have them are
        # anonymized.
        "referenced.record.mixin",
        "contact.anonymize.mixin",
    ]

    # Each batch of a mailing reads the contacts of its addresses.
    _email_normalized_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )

    def unlink(self):
        # Odoo deletes the chatter, with our entries, before it checks access.
        self.check_access("unlink")
        return super().unlink()  # the mixins anonymize and clear references
