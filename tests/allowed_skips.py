"""The tests that may be skipped, each with the reason. Any other skipped test fails the run.

A key is a test's node id as pytest prints it, or the beginning of one (a file, a class).
"""

ALLOWED_SKIPS = {}
