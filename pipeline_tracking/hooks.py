def post_init_hook(env):
    """Create the first signing key, before the first email is sent.

    :param odoo.api.Environment env:
    """
    env["trackable.key"]._rotate()


def uninstall_hook(env):
    """Write a map of the links in emails already sent, before their rows are deleted.

    :param odoo.api.Environment env:
    :raise UserError: the map cannot be written; then nothing is uninstalled
    """
    env["trackable.uninstall"]._prepare_uninstall()
