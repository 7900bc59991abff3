from . import trackable_hit_health
from . import trackable_link_disable
from . import trackable_self_test
from . import trackable_uninstall
from . import trackable_uninstall_leftovers
from . import base_module_uninstall
