"""Tests of the self-test, of the health of the queue and of uninstalling."""
