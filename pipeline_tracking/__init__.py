from . import controllers, models
from .hooks import post_init_hook, uninstall_hook
from .lane.middleware import post_load
