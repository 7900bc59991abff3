from odoo import fields


class UnenforcedMany2one(fields.Many2one):
    """A many2one without a foreign key in the database.

    Trackable emails and links are committed before the email leaves, in a separate
    transaction: the rows that they reference (message, customer, record) may be
    committed later, or never. Trackable emails and links also outlive those rows: code
    calls ``exists()``, and fields that views show are emptied when the record is
    deleted (`_forget`).
    """

    def update_db_foreign_key(self, model, column):
        """Create no foreign key."""
