"""Tools for administrators: the first steps, the self-test, the health of the queue,
disabling links, and uninstalling.

The entry points are the panel *First Steps* (`trackable_setup`), *Check Tracking* in
the settings (`trackable_self_test`), the menu Queue, and Odoo's uninstall hook
(`trackable_uninstall._prepare_uninstall`). At uninstallation, the room writes a list of
links for the web server.
"""

from . import trackable_hit_health
from . import trackable_link_disable
from . import trackable_self_test
from . import trackable_setup
from . import setup_test_email
from . import trackable_uninstall
from . import trackable_uninstall_leftovers
from . import base_module_uninstall
from . import res_config_settings
from . import res_users
