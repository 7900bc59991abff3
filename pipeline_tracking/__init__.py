from . import sanitizing
from . import controllers, models
from .hooks import post_init_hook, uninstall_hook
from .wsgi import post_load
