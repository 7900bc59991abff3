from odoo import api, models
from odoo.exceptions import MissingError

from ..fields import UnenforcedMany2one


class MissingRecordMixin(models.AbstractModel):
    """Let views open when a record that has no foreign key no longer exists."""

    _name = "missing.record.mixin"
    _description = "Missing Record Mixin"

    def web_read(self, specification):
        """Read records even if a record that they reference no longer exists. Example:
        a mailing whose transaction was rolled back after its copies were sent.
        """
        try:
            return super().web_read(specification)
        except MissingError:
            if len(self.exists()) < len(self):
                raise
            for name in specification:
                if isinstance(self._fields[name], UnenforcedMany2one):
                    self._cache_placeholder_names(self[name])
            return super().web_read(specification)

    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        if isinstance(self._fields.get(groupby_spec), UnenforcedMany2one):
            records = self.env[self._fields[groupby_spec].comodel_name]
            self._cache_placeholder_names(records.union(*filter(None, values)))
        return super()._web_read_group_groupby_formatter(groupby_spec, values)

    @api.model
    def _cache_placeholder_names(self, records):
        """Cache the display name "Deleted" for those records that no longer exist."""
        # sudo: any model - `web_read` reads display names as superuser as well
        records = records.sudo()
        deleted = records - records.exists()
        records._fields["display_name"]._update_cache(deleted, self.env._("Deleted"))
