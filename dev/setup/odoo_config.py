"""Write Odoo's configuration file, and run Odoo with it (``dev/odoo``)."""

import os
import secrets

from . import paths, postgres


def run_odoo(args):
    """Replace this process by Odoo, with the environment's configuration.

    :param list args: for Odoo; ``-c`` names another configuration file
    """
    postgres.ensure()
    # every command of Odoo reads ODOO_RC; -c would have to stand after the command
    environment = {**postgres.environment(), "ODOO_RC": str(write())}
    command = [str(paths.PYTHON), str(paths.ODOO_COMMAND), *args]
    os.execve(command[0], command, environment)


def write(file=paths.CONFIG, **options):
    """Write a configuration file, if its content changes.

    :param Path file: to write
    :param options: options that differ from the usual ones; None leaves an option out
    :return Path: the file
    """
    options = {**_usual(), **options}
    lines = [
        f"{name} = {value}" for name, value in options.items() if value is not None
    ]
    text = "\n".join(
        ["# made by make setup, which overwrites changes", "[options]", *lines, ""]
    )
    if not file.exists() or file.read_text() != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(text)
    return file


def _usual():
    options = {
        "addons_path": paths.ROOT,
        "data_dir": paths.DATA_DIR,
        "http_interface": "127.0.0.1",
        "list_db": "True",
        # hides the databases of test runs
        "dbfilter": "^(?!pttest_)",
        "admin_passwd": _master_password(),
        "with_demo": "False",
        "screenshots": paths.LOGS / "screenshots",
    }
    if not postgres.own_server():
        options |= {
            "db_host": "127.0.0.1",
            "db_port": postgres.port(),
            "db_user": postgres.USER,
            "db_password": postgres.password(postgres.USER),
        }
    return options


def _master_password():
    """Return the database manager's password; make it at the first call."""
    file = paths.GROUND / "master.password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(18))
    return file.read_text()
