"""Limit the time of code that must run in linear time."""

import signal
from contextlib import contextmanager


@contextmanager
def within(seconds):
    """Fail if the block takes longer.

    Choose a limit far above the time that any machine needs, and far below the time of
    an algorithm that is not linear. The limit also interrupts regular expressions.

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
