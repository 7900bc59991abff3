from odoo import models, tools
from odoo.tools import SQL


class PrivacyLookupWizard(models.TransientModel):
    _inherit = "privacy.lookup.wizard"

    def _get_query_models_blacklist(self):
        # Found below, by address too: Odoo would look for the contact only.
        return [*super()._get_query_models_blacklist(), "trackable.email"]

    def _get_query(self):
        emails = SQL(
            "email_to = %s OR partner_id IN (SELECT id FROM indirect_references)",
            tools.email_normalize(self.email.strip()),
        )
        to_id = self.env["ir.model"]._get_id
        return SQL(
            """
            %(query)s
             UNION ALL
            SELECT %(email_model)s AS res_model_id, id AS res_id, TRUE AS is_active
              FROM trackable_email WHERE %(emails)s
             UNION ALL
            SELECT %(action_model)s AS res_model_id, id AS res_id, TRUE AS is_active
              FROM trackable_email_action
             WHERE trackable_email_id IN (SELECT id FROM trackable_email
                                           WHERE %(emails)s)
            """,
            query=super()._get_query(),
            email_model=to_id("trackable.email"),
            action_model=to_id("trackable.email.action"),
            emails=emails,
        )
