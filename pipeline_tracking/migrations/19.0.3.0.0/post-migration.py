"""All texts are new. Odoo keeps the stored translations of the old texts."""

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Replace the stored translations of menus, fields, selections and views."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    languages = [code for code, _name in env["res.lang"].get_installed()]
    env["ir.module.module"]._load_module_terms(
        ["pipeline_tracking"], languages, overwrite=True
    )
