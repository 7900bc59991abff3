from odoo import fields


class UnenforcedMany2one(fields.Many2one):
    """A many2one without a foreign key in the database.

    Trackable emails and links are committed before the email leaves, in a separate
    transaction. The message, contact or record that they reference may not be committed
    yet, or may never be. They also outlive those records: code calls ``.exists()``, and
    `referenced.record.mixin` empties the fields that views show when a record is
    deleted.
    """

    def update_db_foreign_key(self, model, column):
        """Create no foreign key."""
