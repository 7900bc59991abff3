def post_init_hook(env):
    """Make the first signing key, before the first email is sent.

    :param odoo.api.Environment env:
    """
    env["trackable.key"]._rotate()


def uninstall_hook(env):
    """Write where the links in emails already sent lead, before that is gone.

    :param odoo.api.Environment env:
    :raise UserError: it cannot be written; then nothing is uninstalled
    """
    env["trackable.uninstall"]._prepare_uninstall()
