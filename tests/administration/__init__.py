"""Tests of the self-test, the health of the queue, disabled links and uninstalling."""
