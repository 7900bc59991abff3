from . import main, objection, self_test
