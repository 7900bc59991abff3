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
