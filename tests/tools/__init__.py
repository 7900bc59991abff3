"""Tests of the pure functions in tools/, one file or more for each module."""
