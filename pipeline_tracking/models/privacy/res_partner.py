from odoo import models


class ResPartner(models.Model):
    """Record consent on contacts, and anonymize deleted ones (extends res.partner)."""

    _name = "res.partner"
    _inherit = ["res.partner", "tracking.consent.mixin", "contact.anonymize.mixin"]

    # For every batch of a mailing, the contacts with its addresses.
    _email_normalized_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )

    def unlink(self):
        # Odoo deletes the chatter, our entries in it, before it checks access.
        self.check_access("unlink")
        # First, so that nothing changes where Odoo refuses; the mixin anonymizes.
        result = super().unlink()
        # sudo: trackable.email, trackable.link - nobody has the right to change them
        self.env["trackable.mixin"].sudo()._clear_references(self)
        return result
