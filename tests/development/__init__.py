"""Tests of the development environment in dev/."""
