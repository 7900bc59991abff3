from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    tracking_consent = fields.Selection(
        [("objected", "Does not want it")],
        "Email Tracking",
        help="Emails written to this address are not tracked then. Mailings are:"
        " who does not want those unsubscribes.",
    )

    # For every batch of a mailing, the contacts with its addresses.
    _email_normalized_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )

    @api.model
    def _get_objecting_addresses(self, addresses):
        """Those of these addresses whose owners do not want to be tracked: where
        several contacts have an address, one is enough.

        :param set[str] addresses: normalised
        :rtype: set[str]
        """
        if not addresses:
            return set()
        # sudo: res.partner - also of contacts that the sender may not read
        partners = self.sudo().with_context(active_test=False)
        objecting = partners.search_fetch(
            [
                ("email_normalized", "in", list(addresses)),
                ("tracking_consent", "=", "objected"),
            ],
            ["email_normalized"],
        )
        return set(objecting.mapped("email_normalized"))

    def unlink(self):
        # sudo: trackable.email, trackable.link - nobody has the right to change them
        self.env["trackable.mixin"].sudo()._forget(self)
        return super().unlink()
