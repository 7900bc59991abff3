from . import main, objection
