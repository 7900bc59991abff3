from . import tracking, objection, self_test
