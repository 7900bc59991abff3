"""Add the heat map, a view of records by hour of the week (extends ir.ui.view).

A heat map has one date and time field. It counts records, or sums up a second field
with `type="measure"`.

Let actions show heat maps (extends ir.actions.act_window.view).
"""

from odoo import fields, models


class IrUiView(models.Model):
    _inherit = "ir.ui.view"

    type = fields.Selection(selection_add=[("heat_map", "Heat Map")])

    def _get_view_info(self):
        return {"heat_map": {"icon": "fa fa-th"}} | super()._get_view_info()

    def _validate_tag_heat_map(self, node, name_manager, node_info):
        if not node_info["validate"]:
            return
        model_fields = name_manager.model._fields
        date_fields, measure_fields = [], []
        for child in node.iterchildren(tag="field"):
            is_measure = child.get("type") == "measure"
            (measure_fields if is_measure else date_fields).append(
                model_fields.get(child.get("name"))
            )
        # Odoo itself reports unknown fields.
        if [field.type for field in date_fields if field] != ["datetime"]:
            self._raise_view_error(
                self.env._("A heat map needs exactly one date and time field."), node
            )
        if len(measure_fields) > 1 or any(
            field.type not in ("float", "integer", "monetary")
            for field in measure_fields
            if field
        ):
            self._raise_view_error(
                self.env._(
                    "A heat map can have only one measure, which must be a number."
                ),
                node,
            )


class IrActionsActWindowView(models.Model):
    _inherit = "ir.actions.act_window.view"

    view_mode = fields.Selection(
        selection_add=[("heat_map", "Heat Map")], ondelete={"heat_map": "cascade"}
    )
