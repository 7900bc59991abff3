"""The tests that may be skipped, with the reason. Any other skip fails the run.

A key is a test's node id as pytest prints it, or the beginning of one (a file, a
class).
"""

ALLOWED_SKIPS = {}
