"""Uninstalling leaves a database whose every row is as if the addon had never been
installed, including rows that users made for its models.
"""

import pytest

from ..helpers.database_schema import SCHEMA, differences, mentions, rows, schema
from ..helpers.odoo_server import BASE, live_odoo

# Bundles that Odoo has made for browsers are made anew when their time comes.
FORGET_BUNDLES = """
env["ir.attachment"].search([("url", "=like", "/web/assets/%")]).unlink()
env.cr.commit()
"""
MAKE = """
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
KEEP = """
env["ir.filters"].create({"name": "Mine", "model_id": "res.partner"})
env["ir.exports"].create({"name": "Mine", "resource": "res.partner"})
env.cr.commit()
"""
UNINSTALL = """
env["ir.module.module"].search(
    [("name", "=", "pipeline_tracking")]).button_immediate_uninstall()
"""
OWN = r"trackable|pipeline\\?_tracking"

# Tables whose rows differ between any two databases, and why.
DIFFERENT = {
    "bus_bus": "the browsers that are to load other assets",
    "ir_cron_trigger": "jobs that are to run, at the time of the installation",
    "ir_mail_server": "the port of the test's inbox",
    "mail_message": "the time of what the test's set-up has changed",
    "mail_tracking_value": "the same",
    "orm_signaling_registry": "when the registry changed",
}


def row_differences(remaining, expected):
    """The rows that only one of two databases has.

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
def never():
    """A database that never had the addon."""
    with live_odoo(BASE) as odoo:
        odoo.shell(KEEP + FORGET_BUNDLES)
        yield odoo


@pytest.fixture(scope="module")
def gone():
    """One that had it, and where people made things for it."""
    with live_odoo() as odoo:
        odoo.shell(MAKE)
        odoo.with_addon = schema(odoo.name)
        odoo.mentions = mentions(odoo.name, OWN)
        odoo.shell(UNINSTALL, "--log-level=critical")
        odoo.shell(FORGET_BUNDLES)
        yield odoo


def test_the_addon_was_everywhere(gone, never):
    """Else the rest says little."""
    expected = schema(never.name)
    same = {what for what in SCHEMA if gone.with_addon[what] == expected[what]}
    assert same <= {"functions", "triggers", "assets", "relations"}
    assert {"ir_filters", "ir_exports", "ir_ui_view", "ir_model"} <= set(gone.mentions)


def test_it_is_made_like_a_database_that_never_had_it(gone, never):
    assert differences(schema(gone.name), schema(never.name)) == {}


def test_its_rows_are_those_of_a_database_that_never_had_it(gone, never):
    remaining = row_differences(rows(gone.name), rows(never.name))
    assert {
        table: remaining[table] for table in remaining if table not in DIFFERENT
    } == {}


def test_no_row_names_it(gone, never):
    """But what names it in a database that never had it: the module can be installed
    again.
    """
    remaining, expected = mentions(gone.name, OWN), mentions(never.name, OWN)
    assert {table: len(remaining[table]) for table in remaining} == {
        table: len(expected[table]) for table in expected
    }
