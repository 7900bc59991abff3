from odoo import fields


class UnenforcedMany2one(fields.Many2one):
    """A many2one without a foreign key in the database.

    Trackable emails and links are committed before the email leaves, on a cursor
    of their own: the rows they name (message, customer, record) may not be
    committed yet, or never be. They also outlive those rows: code asks ``.exists()``,
    and what views show is emptied when its record is deleted
    (`referenced.record.mixin`).
    """

    def update_db_foreign_key(self, model, column):
        """Create no foreign key."""
