from . import main
from . import self_test
