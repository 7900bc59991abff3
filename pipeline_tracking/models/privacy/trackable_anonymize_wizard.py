from odoo import api, fields, models


class TrackableAnonymize(models.TransientModel):
    """Ask for confirmation before the trackable emails of contacts are anonymized."""

    _name = "trackable.anonymize"
    _description = "Anonymize Tracking Data"

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

        :return: a notification with the number of these emails, and who can anonymize
            the emails of other companies
        :rtype: dict
        """
        self.partner_ids.check_access("read")
        remaining_companies = self.partner_ids._find_remaining_companies()
        count = self.partner_ids._anonymize_tracked_emails()
        messages = [self.env._("Tracked emails anonymized: %s.", count)]
        messages += self._describe_remaining_companies(remaining_companies)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if remaining_companies else "success",
                "sticky": bool(remaining_companies),
                "message": " ".join(messages),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _describe_remaining_companies(self, companies):
        """Explain who can anonymize the emails of other companies. The user learns
        neither the names of companies they cannot access, nor the number of emails.

        :param res.company companies: companies whose emails were not anonymized
        :rtype: list[str]
        """
        sentences = []
        companies_of_user = companies & self.env.user.company_ids
        if companies_of_user:
            sentences.append(
                self.env._(
                    "Emails of %(companies)s were not anonymized. Select these"
                    " companies in the company switcher, then try again.",
                    # sudo: res.company - companies of the user, not selected now
                    companies=", ".join(companies_of_user.sudo().mapped("name")),
                )
            )
        if companies - companies_of_user:
            sentences.append(
                self.env._(
                    "Other companies also sent tracked emails to these contacts. An"
                    " Email Tracking manager of those companies or an administrator can"
                    " anonymize those emails."
                )
            )
        return sentences
