"""An end to what would take for ever."""

import signal
from contextlib import contextmanager


@contextmanager
def within(seconds):
    """Fail when the block takes longer: far more than it needs on any machine, far
    less than what is not linear would take. Regular expressions are interrupted too.

    :param int seconds:
    """

    def stop(*_args):
        raise AssertionError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
