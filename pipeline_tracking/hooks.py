from odoo import SUPERUSER_ID, api

MODULE = "pipeline_tracking"


def post_init_hook(env):
    """Create the first signing key, before the first email is sent.

    :param odoo.api.Environment env:
    """
    env["trackable.key"]._rotate()


def uninstall_hook(env):
    """Write a map of the links in sent emails, before uninstalling deletes the links.

    :param odoo.api.Environment env:
    :raise UserError: the map cannot be written; the module stays installed
    """
    env["trackable.uninstall"]._prepare_uninstall()


def replace_translations(cr):
    """Replace the stored translations of menus, fields, selections and views.

    Migrations to a version with new texts call this: Odoo keeps the stored translations
    of the old texts.

    :param odoo.sql_db.Cursor cr:
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    languages = [code for code, _name in env["res.lang"].get_installed()]
    env["ir.module.module"]._load_module_terms([MODULE], languages, overwrite=True)
