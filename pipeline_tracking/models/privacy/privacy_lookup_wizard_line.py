from odoo import api, fields, models

# Deleting them would break links and counters: they are anonymized.
ANONYMIZED = {"trackable.email", "trackable.email.action"}
# Deleting it would have the next email to the address tracked.
KEPT = {"trackable.objection"}


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = "privacy.lookup.wizard.line"

    kept_reason = fields.Char("Kept Because", compute="_compute_kept_reason")

    @api.depends("res_model")
    def _compute_kept_reason(self):
        for line in self:
            line.kept_reason = line.res_model in KEPT and self.env._(
                "This person objected to being tracked. Without the objection, the next"
                " email to this address would be tracked."
            )

    def action_unlink(self):
        """Anonymize trackable emails and actions instead of deleting them, and keep
        objections.
        """
        self.ensure_one()
        if not self._is_never_deleted():
            return super().action_unlink()
        self._anonymize_or_keep()
        return None

    def action_unlink_all(self):
        """As `action_unlink`, in a batch."""
        never_deleted = self.filtered(lambda line: line._is_never_deleted())
        never_deleted._anonymize_or_keep()
        return super(PrivacyLookupWizardLine, self - never_deleted).action_unlink_all()

    def _is_never_deleted(self):
        """Return whether the record of this line, not dealt with yet, is anonymized or
        kept where Odoo would delete it.

        :rtype: bool
        """
        self.ensure_one()
        return not self.is_unlinked and self.res_model in ANONYMIZED | KEPT

    def _anonymize_or_keep(self):
        """Anonymize the records of these lines, or say why they are kept."""
        for model, lines in self.grouped("res_model").items():
            if model in KEPT:
                for line in lines:
                    line.execution_details = self.env._(
                        "Kept %(model)s #%(number)s: %(reason)s",
                        model=line.res_model_id.name,
                        number=line.res_id,
                        reason=line.kept_reason,
                    )
                continue
            # sudo: the record - as Odoo deletes it, for whoever may use this
            records = self.env[model].sudo().browse(lines.mapped("res_id"))
            records.exists()._anonymize()
            for line in lines:
                line.execution_details = self.env._(
                    "Erased %(model)s #%(number)s",
                    model=line.res_model_id.name,
                    number=line.res_id,
                )
            lines.is_unlinked = True
