"""Delete useless records that Odoo leaves behind (extends trackable.uninstall)."""

from odoo import api, models

MODULE = "pipeline_tracking"
# Models whose records users create for models of this addon, and the field with the
# name of the model. Odoo does not delete these records with the model.
USER_MADE_MODELS = {
    "ir.filters": "model_id",
    "ir.exports": "resource",
    "ir.ui.view": "model",
}


class TrackableUninstall(models.AbstractModel):
    _inherit = "trackable.uninstall"

    @api.model
    def _remove_leftovers(self):
        """Delete the records. The addon's models are still there."""
        addon_models = [
            name
            for name, model in self.env.registry.items()
            if model._original_module == MODULE
        ]
        for name, field in USER_MADE_MODELS.items():
            # sudo: all of them - also the records of each user
            model = self.env[name].sudo().with_context(active_test=False)
            records = model.search([(field, "in", addon_models)])
            external_ids = records.get_external_id()
            user_made = records.filtered(
                lambda record, external_ids=external_ids: not external_ids[record.id]
            )
            # Like Odoo, delete views with the views that inherit from them.
            user_made.with_context(_force_unlink=True).unlink()
        # sudo: ir.model.constraint - users have no access; Odoo does not delete the
        # constraints of fields that the addon added to models of other modules
        constraints = self.env["ir.model.constraint"].sudo()
        constraints.search([("module.name", "=", MODULE), ("type", "=", "f")]).unlink()
