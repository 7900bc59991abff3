from odoo import models
from odoo.tools import SQL

from ..fields import UnenforcedMany2one


class ReferencedRecordMixin(models.AbstractModel):
    """Clear the references of trackable emails and links to a record that is deleted.
    Their fields have no foreign key, so PostgreSQL does not clear them.
    """

    _name = "referenced.record.mixin"
    _description = "Referenced Record Mixin"

    def unlink(self):
        # Odoo may refuse to delete the records: clear the references afterwards.
        result = super().unlink()
        self._clear_tracking_references()
        return result

    def _clear_tracking_references(self):
        """Clear the references of trackable emails and links to these records."""
        for name in ("trackable.email", "trackable.link"):
            # sudo: trackable.email, trackable.link - no group may change them
            model = self.env[name].sudo()
            model.flush_model()
            for field in model._fields.values():
                if (
                    isinstance(field, UnenforcedMany2one)
                    and field.comodel_name == self._name
                ):
                    # SQL: a mailing can have a hundred thousand trackable emails.
                    self.env.cr.execute(
                        SQL(
                            "UPDATE %(table)s SET %(field)s = NULL"
                            " WHERE %(field)s = ANY(%(ids)s)",
                            table=SQL.identifier(model._table),
                            field=SQL.identifier(field.name),
                            ids=self.ids,
                        )
                    )
            model.invalidate_model()
