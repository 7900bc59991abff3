"""After uninstalling, all rows are as if the addon had never been installed."""

import pytest

from ..helpers.database_schema import SCHEMA, differences, mentions, rows, schema
from ..helpers.odoo_server import BASE, live_odoo

# Odoo builds its asset bundles again when a browser needs them.
FORGET_BUNDLES = """
env["ir.attachment"].search([("url", "=like", "/web/assets/%")]).unlink()
env.cr.commit()
"""
CREATE_RECORDS = """
model_id = env["ir.model"]._get_id("trackable.email")
env["ir.filters"].create([
    {"name": "Mine", "model_id": "res.partner"},
    {"name": "Mine", "model_id": "trackable.email", "user_ids": [(4, 2)],
     "active": False},
])
env["ir.exports"].create([
    {"name": "Mine", "resource": "res.partner"},
    {"name": "Mine", "resource": "trackable.link",
     "export_fields": [(0, 0, {"name": "url"})]},
])
parent = env["ir.ui.view"].create({
    "name": "mine", "model": "trackable.email", "type": "list",
    "arch": "<list><field name='subject'/></list>"})
env["ir.ui.view"].create({
    "name": "more", "model": "trackable.email", "inherit_id": parent.id,
    "arch": "<field name='subject' position='after'><field name='user_id'/></field>"})
env["ir.default"].set("trackable.email.action", "kind", "open")
env["ir.rule"].create({"name": "Mine", "model_id": model_id, "domain_force": "[]"})
env["mail.template"].create({"name": "Mine", "model_id": model_id})
env["ir.config_parameter"].set_param("pipeline_tracking.allow_private_url", "True")
env["res.users"].search([]).tracking_notice = "inbox"
env.cr.commit()
"""
CREATE_OTHER_RECORDS = """
env["ir.filters"].create({"name": "Mine", "model_id": "res.partner"})
env["ir.exports"].create({"name": "Mine", "resource": "res.partner"})
env.cr.commit()
"""
UNINSTALL = """
env["ir.module.module"].search(
    [("name", "=", "pipeline_tracking")]).button_immediate_uninstall()
"""
ADDON_PATTERN = r"trackable|pipeline\\?_tracking"

# Tables whose rows differ between any two databases, with the reason.
DIFFERENT = {
    "bus_bus": "browsers have to load other assets",
    "ir_cron_trigger": "jobs to run, with the time of the installation",
    "ir_mail_server": "the port of the test's inbox",
    "mail_message": "the time of changes by the set-up of the test",
    "mail_tracking_value": "the time of changes by the set-up of the test",
    "orm_signaling_registry": "the time when the registry changed",
}


def row_differences(remaining, expected):
    """Return the rows that only one of two databases has.

    :rtype: dict[str, dict[str, list[str]]]
    """
    return {
        table: {
            "too much": sorted(
                set(remaining.get(table, ())) - set(expected.get(table, ()))
            ),
            "missing": sorted(
                set(expected.get(table, ())) - set(remaining.get(table, ()))
            ),
        }
        for table in sorted({*remaining, *expected})
        if remaining.get(table) != expected.get(table)
    }


@pytest.fixture(scope="module")
def never_installed():
    """Start a database that never had the addon."""
    with live_odoo(BASE) as odoo:
        odoo.shell(CREATE_OTHER_RECORDS + FORGET_BUNDLES)
        yield odoo


@pytest.fixture(scope="module")
def uninstalled():
    """Start a database from which the addon was uninstalled, with users' records."""
    with live_odoo() as odoo:
        odoo.shell(CREATE_RECORDS)
        odoo.with_addon = schema(odoo.name)
        odoo.mentions = mentions(odoo.name, ADDON_PATTERN)
        odoo.shell(UNINSTALL, "--log-level=critical")
        odoo.shell(FORGET_BUNDLES)
        yield odoo


def test_the_addon_changed_the_database(uninstalled, never_installed):
    """Without changes, the other tests would prove nothing."""
    expected = schema(never_installed.name)
    same = {kind for kind in SCHEMA if uninstalled.with_addon[kind] == expected[kind]}
    assert same <= {"functions", "triggers", "assets", "relations"}
    assert {"ir_filters", "ir_exports", "ir_ui_view", "ir_model"} <= set(
        uninstalled.mentions
    )


def test_the_schema_is_restored(uninstalled, never_installed):
    assert differences(schema(uninstalled.name), schema(never_installed.name)) == {}


def test_the_rows_are_restored(uninstalled, never_installed):
    remaining = row_differences(rows(uninstalled.name), rows(never_installed.name))
    assert {
        table: remaining[table] for table in remaining if table not in DIFFERENT
    } == {}


def test_no_row_mentions_the_addon(uninstalled, never_installed):
    """Only rows that also mention the addon in a database that never had it: the module
    can be installed again.
    """
    remaining, expected = (
        mentions(uninstalled.name, ADDON_PATTERN),
        mentions(never_installed.name, ADDON_PATTERN),
    )
    assert {table: len(remaining[table]) for table in remaining} == {
        table: len(expected[table]) for table in expected
    }
