from odoo.tools import SQL
from odoo.tools.sql import (
    column_exists,
    create_column,
    escape_psql,
    rename_column,
    table_exists,
)

MODULE = "pipeline_tracking"
# Renamed models: old name -> new name.
MODELS = {
    "trackable.consent": "trackable.objection",
    "trackable.cleared": "trackable.action.total",
}
# Columns that contain the name of a model: table -> column.
MODEL_COLUMNS = {
    "ir_act_window": "res_model",
    "ir_attachment": "res_model",
    "ir_exports": "resource",
    "ir_filters": "model_id",
    "ir_model": "model",
    "ir_model_data": "model",
    "ir_model_fields": "model",
    "ir_ui_view": "model",
}
# Renamed fields of reports: old name -> new name. Favorites and exports contain them.
REPORT_FIELDS = {
    "trackable.link": {"people_count": "recipient_count"},
    "trackable.link.report": {
        "people": "recipient_count",
        "times": "click_count",
        "emails": "email_count",
    },
}
# The value of `is_counted`, as `trackable.email.action` computes it.
IS_COUNTED = SQL("actor = 'recipient' AND is_repeat IS NOT TRUE")


def migrate(cr, _version):
    """Rename models and fields, and fill new columns, before Odoo loads the models."""
    for old, new in MODELS.items():
        _rename_model(cr, old, new)
    _rename_field(cr, "trackable.email", "told_news", "notified_keys")
    for table in ("trackable_email_action", "trackable_action_total"):
        _fill_is_counted(cr, table)
    for model, names in REPORT_FIELDS.items():
        for old, new in names.items():
            _rename_in_favorites(cr, model, old, new)
    _drop_wizard(cr)


def _rename_model(cr, old, new):
    """Rename a model, its table, and the records in which Odoo stores its name.

    :param str old: old name of the model
    :param str new: new name of the model
    """
    old_table, new_table = old.replace(".", "_"), new.replace(".", "_")
    if table_exists(cr, old_table) and not table_exists(cr, new_table):
        _rename_table(cr, old_table, new_table)
    for table, column in MODEL_COLUMNS.items():
        cr.execute(
            SQL(
                "UPDATE %(table)s SET %(column)s = %(new)s WHERE %(column)s = %(old)s",
                table=SQL.identifier(table),
                column=SQL.identifier(column),
                new=new,
                old=old,
            )
        )
    cr.execute(
        SQL("UPDATE ir_model_fields SET relation = %s WHERE relation = %s", new, old)
    )
    # XML ids of views, actions, menus, access rights, fields and constraints contain
    # the model's name. Leave out the XML ids of a mixin, whose name begins alike: Odoo
    # deletes these records with the mixin.
    cr.execute(
        SQL(
            "UPDATE ir_model_data SET name = replace(name, %(old)s, %(new)s)"
            " WHERE module = %(module)s AND name LIKE %(pattern)s"
            " AND name NOT LIKE %(mixin)s",
            old=old_table,
            new=new_table,
            module=MODULE,
            pattern=f"%{escape_psql(old_table)}%",
            mixin=f"%{escape_psql(old_table)}\\_mixin%",
        )
    )
    cr.execute(
        SQL(
            "UPDATE ir_model_constraint SET name = replace(name, %(old)s, %(new)s)"
            " WHERE name LIKE %(pattern)s",
            old=old_table,
            new=new_table,
            pattern=f"{escape_psql(old_table)}\\_%",
        )
    )


def _rename_table(cr, old, new):
    """Rename a table with its sequence, constraints and indexes."""
    cr.execute(
        SQL("ALTER TABLE %s RENAME TO %s", SQL.identifier(old), SQL.identifier(new))
    )
    cr.execute(
        SQL(
            "ALTER SEQUENCE IF EXISTS %s RENAME TO %s",
            SQL.identifier(f"{old}_id_seq"),
            SQL.identifier(f"{new}_id_seq"),
        )
    )
    # Renaming a constraint also renames its index.
    cr.execute(
        SQL(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass"
            " AND starts_with(conname, %s)",
            new,
            f"{old}_",
        )
    )
    for (name,) in cr.fetchall():
        cr.execute(
            SQL(
                "ALTER TABLE %s RENAME CONSTRAINT %s TO %s",
                SQL.identifier(new),
                SQL.identifier(name),
                SQL.identifier(name.replace(old, new, 1)),
            )
        )
    cr.execute(
        SQL(
            "SELECT indexname FROM pg_indexes WHERE tablename = %s"
            " AND schemaname = current_schema() AND starts_with(indexname, %s)",
            new,
            f"{old}_",
        )
    )
    for (name,) in cr.fetchall():
        cr.execute(
            SQL(
                "ALTER INDEX %s RENAME TO %s",
                SQL.identifier(name),
                SQL.identifier(name.replace(old, new, 1)),
            )
        )


def _rename_field(cr, model, old, new):
    """Rename a stored field.

    :param str model:
    :param str old: old name of the field
    :param str new: new name of the field
    """
    table = model.replace(".", "_")
    if column_exists(cr, table, old):
        rename_column(cr, table, old, new)
    cr.execute(
        SQL(
            "UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s",
            new,
            model,
            old,
        )
    )
    cr.execute(
        SQL(
            "UPDATE ir_model_data SET name = %s WHERE module = %s AND name = %s",
            f"field_{table}__{new}",
            MODULE,
            f"field_{table}__{old}",
        )
    )


def _fill_is_counted(cr, table):
    """Fill the column in SQL, because the ORM would compute actions one by one.

    Only actions that count are written. NULL means that an action does not count.
    """
    if not table_exists(cr, table) or column_exists(cr, table, "is_counted"):
        return
    create_column(cr, table, "is_counted", "bool")
    cr.execute(
        SQL(
            "UPDATE %s SET is_counted = TRUE WHERE %s",
            SQL.identifier(table),
            IS_COUNTED,
        )
    )


def _rename_in_favorites(cr, model, old, new):
    """Rename a field in the favorites and export templates that users saved.

    :param str model:
    :param str old: old name of the field
    :param str new: new name of the field
    """
    # Match a quoted name, also with a suffix: 'times', "times:sum", "times desc".
    pattern, replacement = rf"""(['"]){old}(?=['": ])""", rf"\1{new}"
    cr.execute(
        SQL(
            """
            UPDATE ir_filters
               SET domain = regexp_replace(domain, %(pattern)s, %(new)s, 'g'),
                   context = regexp_replace(context, %(pattern)s, %(new)s, 'g'),
                   sort = regexp_replace(sort, %(pattern)s, %(new)s, 'g')
             WHERE model_id = %(model)s
            """,
            pattern=pattern,
            new=replacement,
            model=model,
        )
    )
    cr.execute(
        SQL(
            "UPDATE ir_exports_line line SET name = %s FROM ir_exports export"
            " WHERE export.id = line.export_id AND export.resource = %s"
            " AND line.name = %s",
            *(new, model, old),
        )
    )


def _drop_wizard(cr):
    """Drop the tables of the renamed wizard. They hold no data, and Odoo would not drop
    the relation table.
    """
    cr.execute("DROP TABLE IF EXISTS res_partner_trackable_erasure_rel")
    cr.execute("DROP TABLE IF EXISTS trackable_erasure")
    cr.execute(
        "DELETE FROM ir_model_relation WHERE name = 'res_partner_trackable_erasure_rel'"
    )
