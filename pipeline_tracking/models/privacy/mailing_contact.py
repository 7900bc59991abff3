"""Record consent on mailing contacts, and anonymize deleted ones (extends
mailing.contact).
"""

from odoo import models


class MailingContact(models.Model):
    _name = "mailing.contact"
    _inherit = [
        "mailing.contact",
        "tracking.consent.mixin",
        "contact.anonymize.mixin",
    ]

    # Each batch of a mailing reads the consents of its addresses.
    _email_normalized_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )

    def unlink(self):
        # Odoo deletes the chatter, with our entries, before it checks access.
        self.check_access("unlink")
        return super().unlink()  # the mixin anonymizes
