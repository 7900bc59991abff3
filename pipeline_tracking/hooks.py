def post_init_hook(env):
    """Make the first signing key, before the first email is sent.

    :param odoo.api.Environment env:
    """
    env["trackable.key"]._rotate()
