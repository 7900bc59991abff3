from odoo import fields, models


class IrUiView(models.Model):
    """Heat maps are a type of view: how many records fall on each hour of the week.

    The one field in it is the date and time, and a second, with `type="measure"`, what
    is added up instead of counting.
    """

    _inherit = "ir.ui.view"

    type = fields.Selection(selection_add=[("heat_map", "Heat Map")])

    def _get_view_info(self):
        return {"heat_map": {"icon": "fa fa-th"}} | super()._get_view_info()

    def _validate_tag_heat_map(self, node, name_manager, node_info):
        if not node_info["validate"]:
            return
        model_fields = name_manager.model._fields
        dates, measures = [], []
        for child in node.iterchildren(tag="field"):
            is_measure = child.get("type") == "measure"
            (measures if is_measure else dates).append(
                model_fields.get(child.get("name"))
            )
        # Unknown fields are complained of by others.
        if [field.type for field in dates if field] != ["datetime"]:
            self._raise_view_error(
                self.env._("A heat map has one date and time field."), node
            )
        if len(measures) > 1 or any(
            field.type not in ("float", "integer", "monetary")
            for field in measures
            if field
        ):
            self._raise_view_error(
                self.env._("A heat map has at most one measure, a number."), node
            )


class IrActionsActWindowView(models.Model):
    _inherit = "ir.actions.act_window.view"

    view_mode = fields.Selection(
        selection_add=[("heat_map", "Heat Map")], ondelete={"heat_map": "cascade"}
    )
