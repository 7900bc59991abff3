from odoo import api, fields, models


class TrackableAnonymize(models.TransientModel):
    """Ask once more before contacts are anonymized in what tracking knows."""

    _name = "trackable.anonymize"
    _description = "Erase Tracking Data"

    partner_ids = fields.Many2many(
        "res.partner",
        string="Contacts",
        required=True,
        default=lambda self: self._get_default_partners(),
    )

    @api.model
    def _get_default_partners(self):
        if self.env.context.get("active_model") != "res.partner":
            return False
        return self.env.context.get("active_ids")

    def action_anonymize(self):
        """Anonymize the trackable emails of the contacts that the user may anonymize.

        :return: a notification that says how many there were, and who can anonymize
            the emails of other companies
        :rtype: dict
        """
        self.partner_ids.check_access("read")
        companies_left = self.partner_ids._find_companies_left()
        count = self.partner_ids._anonymize_tracking()
        messages = [self.env._("Trackable emails anonymized: %s.", count)]
        messages += self._describe_companies_left(companies_left)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if companies_left else "success",
                "sticky": bool(companies_left),
                "message": " ".join(messages),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _describe_companies_left(self, companies):
        """Tell who can anonymize the emails of other companies. The user learns neither
        the names of companies that are not theirs, nor any number.

        :param res.company companies: whose emails were not anonymized
        :rtype: list[str]
        """
        sentences = []
        own = companies & self.env.user.company_ids
        if own:
            sentences.append(
                self.env._(
                    "Emails of %(companies)s were not anonymized: choose these"
                    " companies in the company switcher, and do this again.",
                    # sudo: res.company - theirs, but not chosen
                    companies=", ".join(own.sudo().mapped("name")),
                )
            )
        if companies - own:
            sentences.append(
                self.env._(
                    "Other companies also sent tracked emails to these contacts. A"
                    " manager of trackable emails in those companies or an"
                    " administrator can anonymize them."
                )
            )
        return sentences
