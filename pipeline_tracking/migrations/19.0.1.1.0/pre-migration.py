from odoo.tools import SQL

# What Odoo keeps of who made a record and when: the first databases had it here.
LOG_COLUMNS = ("create_uid", "create_date", "write_uid", "write_date")
TABLES = ("trackable_email", "trackable_link")


def migrate(cr, _version):
    """Bring tables of the first days of 19.0.1.0.0 to what they became within it:
    emails without a recipient's key, columns and indexes that nothing uses.
    """
    cr.execute(
        "ALTER TABLE trackable_email ADD COLUMN IF NOT EXISTS recipient_key varchar"
    )
    cr.execute(
        """
        UPDATE trackable_email
           SET recipient_key = COALESCE('res.partner,' || partner_id, email_to, '')
         WHERE recipient_key IS NULL
        """
    )
    for table in TABLES:
        _drop_log_columns(cr, table)
        index = SQL.identifier(f"{table}__mail_message_id_index")
        cr.execute(SQL("DROP INDEX IF EXISTS %s", index))


def _drop_log_columns(cr, table):
    for column in LOG_COLUMNS:
        cr.execute(
            SQL(
                "ALTER TABLE %s DROP COLUMN IF EXISTS %s",
                SQL.identifier(table),
                SQL.identifier(column),
            )
        )
    cr.execute(
        "DELETE FROM ir_model_constraint WHERE name = ANY(%s)",
        [[f"{table}_{column}_fkey" for column in ("create_uid", "write_uid")]],
    )
