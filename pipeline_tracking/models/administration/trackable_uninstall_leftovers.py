from odoo import api, models

MODULE = "pipeline_tracking"
# What people can make for a model of ours, and the field that names the model: Odoo
# keeps these, for a model that is no more.
USER_MADE_MODELS = {
    "ir.filters": "model_id",
    "ir.exports": "resource",
    "ir.ui.view": "model",
}


class TrackableUninstall(models.AbstractModel):
    """Delete what Odoo would leave behind and nobody could use (extends
    trackable.uninstall).
    """

    _inherit = "trackable.uninstall"

    @api.model
    def _remove_leftovers(self):
        """To be called while the addon's models are still there."""
        own = [
            name
            for name, model in self.env.registry.items()
            if model._original_module == MODULE
        ]
        for name, field in USER_MADE_MODELS.items():
            # sudo: all of them - each user's own too
            model = self.env[name].sudo().with_context(active_test=False)
            made = model.search([(field, "in", own)])
            of_modules = made.get_external_id()
            made = made.filtered(lambda record, ids=of_modules: not ids[record.id])
            # as where Odoo removes views: with those that inherit from them
            made.with_context(_force_unlink=True).unlink()
        # sudo: ir.model.constraint - users may not; Odoo forgets these where the addon
        # gave a field to another's model
        constraints = self.env["ir.model.constraint"].sudo()
        constraints.search([("module.name", "=", MODULE), ("type", "=", "f")]).unlink()
