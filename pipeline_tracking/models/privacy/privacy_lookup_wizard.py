"""Find trackable emails and actions of a person (extends privacy.lookup.wizard).

Anonymize instead of deleting, and keep objections (extends privacy.lookup.wizard.line).
"""

from odoo import api, fields, models, tools
from odoo.tools import SQL

# Deleting these records would break links and counters: they are anonymized.
ANONYMIZED_MODELS = {"trackable.email", "trackable.email.action"}
# Without its objection, the next email to an address would be tracked.
PRESERVED_MODELS = {"trackable.objection"}


class PrivacyLookupWizard(models.TransientModel):
    _inherit = "privacy.lookup.wizard"

    def _get_query_models_blacklist(self):
        # `_get_query` also finds trackable emails by address. Odoo would only search
        # them by contact.
        return [*super()._get_query_models_blacklist(), "trackable.email"]

    def _get_query(self):
        emails = SQL(
            "email_to = %s OR partner_id IN (SELECT id FROM indirect_references)",
            tools.email_normalize(self.email.strip()),
        )
        get_model_id = self.env["ir.model"]._get_id
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
            email_model=get_model_id("trackable.email"),
            action_model=get_model_id("trackable.email.action"),
            emails=emails,
        )


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = "privacy.lookup.wizard.line"

    kept_reason = fields.Char("Reason for Keeping", compute="_compute_kept_reason")

    @api.depends("res_model")
    def _compute_kept_reason(self):
        for line in self:
            line.kept_reason = line.res_model in PRESERVED_MODELS and self.env._(
                "This person opted out of tracking. Without the opt-out, the next email"
                " to this address would be tracked."
            )

    def action_unlink(self):
        """Anonymize trackable emails and actions instead of deleting them, and keep
        objections.
        """
        self.ensure_one()
        if not self._is_never_deleted():
            return super().action_unlink()
        self._anonymize_or_preserve()
        return None

    def action_unlink_all(self):
        """Anonymize, keep or delete the records of all lines, like `action_unlink`."""
        never_deleted = self.filtered(lambda line: line._is_never_deleted())
        never_deleted._anonymize_or_preserve()
        return super(PrivacyLookupWizardLine, self - never_deleted).action_unlink_all()

    def _is_never_deleted(self):
        """Return whether the record of this line is still to be anonymized or
        preserved, instead of deleted.

        :rtype: bool
        """
        self.ensure_one()
        return (
            not self.is_unlinked
            and self.res_model in ANONYMIZED_MODELS | PRESERVED_MODELS
        )

    def _anonymize_or_preserve(self):
        """Anonymize the records of these lines, or log why they are preserved."""
        for model, lines in self.grouped("res_model").items():
            if model in PRESERVED_MODELS:
                for line in lines:
                    line.execution_details = self.env._(
                        "Kept %(model)s #%(number)s: %(reason)s",
                        model=line.res_model_id.name,
                        number=line.res_id,
                        reason=line.kept_reason,
                    )
                continue
            # sudo: the record - as Odoo deletes it, for each user of the wizard
            records = self.env[model].sudo().browse(lines.mapped("res_id"))
            records.exists()._anonymize()
            for line in lines:
                line.execution_details = self.env._(
                    "Anonymized %(model)s #%(number)s",
                    model=line.res_model_id.name,
                    number=line.res_id,
                )
            lines.is_unlinked = True
