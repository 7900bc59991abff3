from odoo import models


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = "privacy.lookup.wizard.line"

    def action_unlink(self):
        """Trackable emails and actions are not deleted as others are: links would lead
        nowhere. They are made nobody's; their numbers stay.
        """
        if self.is_unlinked or self.res_model not in (
            "trackable.email",
            "trackable.email.action",
        ):
            return super().action_unlink()
        # sudo: the record - as Odoo deletes it, for whoever may use this
        self.env[self.res_model].sudo().browse(self.res_id).exists()._anonymize()
        self.execution_details = self.env._(
            "Erased %(model)s #%(number)s",
            model=self.res_model_id.name,
            number=self.res_id,
        )
        self.is_unlinked = True
        return None
