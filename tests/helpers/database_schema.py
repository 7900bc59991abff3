"""Read schemas and rows of databases without Odoo, to compare two databases."""

import json

from .odoo_server import databases

# The structure of the database, and the records that modules install.
SCHEMA = {
    "tables": """SELECT relname, relkind::text, relpersistence::text FROM pg_class
                  WHERE relnamespace = 'public'::regnamespace AND relkind != 'i'""",
    "columns": """SELECT table_name, column_name, data_type, is_nullable,
                         character_maximum_length, column_default
                    FROM information_schema.columns WHERE table_schema = 'public'""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """SELECT conrelid::regclass::text, conname,
                             pg_get_constraintdef(oid) FROM pg_constraint""",
    "functions": """SELECT proname, prosrc FROM pg_proc
                     WHERE pronamespace = 'public'::regnamespace""",
    "triggers": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
    " WHERE NOT tgisinternal",
    "comments": """SELECT objoid::regclass::text, attname, description
                     FROM pg_description
                     LEFT JOIN pg_attribute
                            ON attrelid = objoid AND attnum = objsubid AND objsubid > 0
                    WHERE classoid = 'pg_class'::regclass""",
    "models": "SELECT model, name->>'en_US', info, transient, state FROM ir_model",
    "fields": """SELECT model, name, ttype, relation, relation_field, relation_table,
                        field_description->>'en_US', help->>'en_US', store, required,
                        readonly, translate, index, on_delete, related, copied
                   FROM ir_model_fields""",
    "choices": """SELECT model, field.name, value, choice.name->>'en_US', sequence
                    FROM ir_model_fields_selection choice
                    JOIN ir_model_fields field ON field.id = field_id""",
    "rules of the database": "SELECT name, definition, type, message->>'en_US'"
    " FROM ir_model_constraint",
    "relations": "SELECT name FROM ir_model_relation",
    "inheritance": """SELECT model.model, parent.model FROM ir_model_inherit
                        JOIN ir_model model ON model.id = model_id
                        JOIN ir_model parent ON parent.id = parent_id""",
    "records": "SELECT module, name, model, noupdate FROM ir_model_data"
    " WHERE module NOT LIKE '\\_\\_%'",
    "views": "SELECT model, name, type, active, arch_db->>'en_US' FROM ir_ui_view",
    "actions": "SELECT type, name->>'en_US', path FROM ir_actions",
    "jobs": "SELECT cron_name, interval_number, interval_type, priority FROM ir_cron",
    "groups": "SELECT name->>'en_US' FROM res_groups",
    "implied": """SELECT base.name->>'en_US', implied.name->>'en_US'
                    FROM res_groups_implied_rel
                    JOIN res_groups base ON base.id = gid
                    JOIN res_groups implied ON implied.id = hid""",
    "privileges": "SELECT name->>'en_US' FROM res_groups_privilege",
    "access": "SELECT name FROM ir_model_access",
    "rules": "SELECT name, domain_force FROM ir_rule",
    "subtypes": """SELECT name->>'en_US', internal, "default", hidden
                     FROM mail_message_subtype""",
    "menus": "SELECT name->>'en_US', parent_path IS NULL FROM ir_ui_menu",
    "assets": "SELECT name, path FROM ir_asset",
    "parameters": "SELECT key FROM ir_config_parameter",
    "defaults": """SELECT field.model, field.name FROM ir_default
                     JOIN ir_model_fields field ON field.id = field_id""",
}
TABLES = """SELECT relname FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
             ORDER BY relname"""
# Columns that record when and by whom a row was written.
VOLATILE = ("write_date", "write_uid", "create_date", "create_uid")


def schema(name):
    """Return the structure of a database and the records that modules installed.

    :param str name: name of the database
    :return: name of a query in SCHEMA -> its rows
    :rtype: dict[str, set[tuple]]
    """
    with databases.connect(name) as connection, connection.cursor() as cursor:
        results = {}
        for subject, query in SCHEMA.items():
            cursor.execute(query)
            results[subject] = set(cursor.fetchall())
        return results


def differences(actual, expected):
    """Return the rows that only one of two schemas has, for the message of a test.

    :rtype: dict[str, dict[str, list[tuple]]]
    """
    return {
        subject: {
            "too much": sorted(actual[subject] - expected[subject], key=repr),
            "missing": sorted(expected[subject] - actual[subject], key=repr),
        }
        for subject in SCHEMA
        if actual[subject] != expected[subject]
    }


def rows(name):
    """Return all rows of a database, without VOLATILE columns.

    :param str name: name of the database
    :return: table -> row as JSON text -> number of equal rows
    :rtype: dict[str, dict[str, int]]
    """
    with databases.connect(name) as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        rows_by_table = {}
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT (to_jsonb(t) - %s::text[])::text, count(*) FROM {table} t"
                " GROUP BY 1",
                [list(VOLATILE)],
            )
            rows_by_table[table] = dict(cursor.fetchall())
        return rows_by_table


def mentions(name, pattern):
    """Return the rows of a database whose text matches a pattern.

    :param str name: name of the database
    :param str pattern: a regular expression of PostgreSQL
    :return: table -> rows
    :rtype: dict[str, list[dict]]
    """
    with databases.connect(name) as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        rows_by_table = {}
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT to_jsonb(t)::text FROM {table} t WHERE to_jsonb(t)::text ~ %s",
                [pattern],
            )
            rows_by_table[table] = [json.loads(row) for (row,) in cursor.fetchall()]
        return {table: matches for table, matches in rows_by_table.items() if matches}
