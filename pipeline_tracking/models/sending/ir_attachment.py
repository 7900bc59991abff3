from odoo import api, models
from odoo.tools import SQL


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model
    def _get_stored_content_fields(self):
        """Fields that say where a file's content is stored, and that another attachment
        needs to be the same file.

        Extend this in a module that stores content elsewhere, and has columns of its
        own for it. Each field must be a column of the table, and is copied as it is
        when an attachment has a ``store_fname``.

        :rtype: list[str]
        """
        return ["store_fname", "checksum", "file_size"]

    def _get_stored_content(self):
        """What another attachment needs to be the same file: where the content is
        stored, which is not read; the content itself where it is in the database.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "name": self.name,
            "mimetype": self.mimetype,
            **{name: self[name] for name in self._get_stored_content_fields()},
            "raw": not self.store_fname and self.raw,
        }

    @api.model
    def _create_with_stored_content(self, vals_list):
        """Make attachments with the content of others.

        :param list[dict] vals_list: values, from `_get_stored_content` those of the
            content
        :rtype: IrAttachment
        """
        names = self._get_stored_content_fields()
        attachments = self.with_context(image_no_postprocess=True).create(
            [
                {
                    **{k: v for k, v in values.items() if k not in names},
                    # not the superuser's, whose company it is not
                    "company_id": False,
                    "access_token": self._generate_access_token(),
                }
                for values in vals_list
            ]
        )
        attachments._write_stored_content(
            {
                attachment: {name: values[name] for name in names}
                for attachment, values in zip(attachments, vals_list, strict=True)
                if values["store_fname"]
            }
        )
        return attachments

    def _write_stored_content(self, values):
        """Say of attachments where their content is stored.

        :param dict[IrAttachment, dict] values: of `_get_stored_content_fields`
        """
        if not values:
            return
        names = self._get_stored_content_fields()
        columns = [self._fields[name] for name in names]
        rows = [
            SQL(
                "(%s, %s)",
                attachment.id,
                SQL(", ").join(
                    field.convert_to_column_insert(stored[field.name], attachment)
                    for field in columns
                ),
            )
            for attachment, stored in values.items()
        ]
        self.flush_recordset()
        # SQL: Odoo computes these from the content alone, and would have to read it.
        self.env.cr.execute(
            SQL(
                "UPDATE ir_attachment SET %s FROM (VALUES %s) stored (id, %s)"
                " WHERE ir_attachment.id = stored.id",
                SQL(", ").join(
                    SQL(
                        "%(name)s = stored.%(name)s::%(type)s",
                        name=SQL.identifier(field.name),
                        type=SQL(field.column_type[1]),
                    )
                    for field in columns
                ),
                SQL(", ").join(rows),
                SQL(", ").join(SQL.identifier(name) for name in names),
            )
        )
        self.invalidate_recordset(names)
