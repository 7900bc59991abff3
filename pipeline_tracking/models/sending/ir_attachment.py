"""Choose files that tracked emails contain as links, and create attachments that share
stored content (extends ir.attachment).
"""

from odoo import api, models
from odoo.tools import SQL

from ...tools import file_kind


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _get_stored_content_fields(self):
        """Return the names of the fields that locate the stored content of a file.
        Attachments with the same values in these fields share the content.

        A module that stores content elsewhere, and locates the content with fields of
        the module, adds these fields in an override. Each field must be a column of the
        table. The values are copied unchanged when an attachment has a ``store_fname``.

        :rtype: list[str]
        """
        return ["store_fname", "checksum", "file_size"]

    def _get_files_to_link(self, company):
        """Return the files among these attachments that tracked emails of a company
        contain as links, unless the author attaches them. Composers show the number of
        these files.

        An override returns more or fewer of the attachments.

        :param res.company company: the company of the email
        :rtype: IrAttachment
        """
        if company.attach_tracked_files:
            return self.browse()
        return self.filtered(
            lambda file: (
                file.type == "binary"
                and file.file_size
                and not file_kind.is_invitation(file.name, file.mimetype)
            )
        ).sorted("id")

    # ------------------------------------------------------------
    # Do not override: sharing stored content
    # ------------------------------------------------------------

    def _get_stored_content(self):
        """Return the values that give another attachment the same content, for
        `_create_with_stored_content`. The values locate the stored content without
        reading it. Content in the database is part of the values.

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
        """Create attachments without a record that share the content of others.

        :param list[dict] vals_list: from `_get_stored_content`
        :rtype: IrAttachment
        """
        names = self._get_stored_content_fields()
        attachments = self.with_context(image_no_postprocess=True).create(
            [
                {
                    **{
                        name: value
                        for name, value in values.items()
                        if name not in names
                    },
                    # The default is the company of the superuser, not of the email.
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

    def _write_stored_content(self, values_by_attachment):
        """Write the location of the stored content of attachments.

        :param dict[IrAttachment, dict] values_by_attachment: values of the
            `_get_stored_content_fields`
        """
        if not values_by_attachment:
            return
        names = self._get_stored_content_fields()
        columns = [self._fields[name] for name in names]
        rows = [
            SQL(
                "(%s, %s)",
                attachment.id,
                SQL(", ").join(
                    field.convert_to_column_insert(values[field.name], attachment)
                    for field in columns
                ),
            )
            for attachment, values in values_by_attachment.items()
        ]
        self.flush_recordset()
        # SQL: Odoo would read the content to compute these fields.
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
