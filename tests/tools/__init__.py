"""Test the pure functions in tools/, with at least one file for each module."""
