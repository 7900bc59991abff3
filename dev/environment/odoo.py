"""``dev/odoo``: Odoo's command line in this environment."""

import os

from . import config, paths, postgres


def main(args):
    """Become Odoo, with this environment's configuration unless ``-c`` is there."""
    postgres.ensure()
    # ODOO_RC rather than -c: every command of Odoo reads it, wherever its own arguments
    # stand
    environment = {**postgres.environment(), "ODOO_RC": str(config.write())}
    command = [str(paths.PYTHON), str(paths.ODOO_COMMAND), *args]
    os.execve(command[0], command, environment)
