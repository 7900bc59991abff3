from odoo import api, models
from odoo.tools import SQL

STORED_FIELDS = ("store_fname", "checksum", "file_size")


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _get_stored_content(self):
        """What another attachment needs to be the same file: where the content is
        stored, which is not read; the content itself where it is in the database.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "name": self.name,
            "mimetype": self.mimetype,
            "store_fname": self.store_fname,
            "checksum": self.checksum,
            "file_size": self.file_size,
            "raw": not self.store_fname and self.raw,
        }

    @api.model
    def _create_with_stored_content(self, vals_list):
        """Make attachments with the content of others.

        :param list[dict] vals_list: values, from `_get_stored_content` those of the
            content
        :rtype: IrAttachment
        """
        attachments = self.with_context(image_no_postprocess=True).create(
            [
                {
                    **{k: v for k, v in values.items() if k not in STORED_FIELDS},
                    # not the superuser's, whose company it is not
                    "company_id": False,
                    "access_token": self._generate_access_token(),
                }
                for values in vals_list
            ]
        )
        # Odoo computes these from the content alone, and would have to read it.
        rows = [
            SQL("(%s, %s, %s, %s)", attachment.id, *(values[k] for k in STORED_FIELDS))
            for attachment, values in zip(attachments, vals_list, strict=True)
            if values["store_fname"]
        ]
        if rows:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE ir_attachment
                       SET store_fname = stored.store_fname,
                           checksum = stored.checksum,
                           file_size = stored.file_size
                      FROM (VALUES %s) stored (id, store_fname, checksum, file_size)
                     WHERE ir_attachment.id = stored.id
                    """,
                    SQL(", ").join(rows),
                )
            )
        attachments.invalidate_recordset(STORED_FIELDS)
        return attachments
