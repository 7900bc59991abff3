"""Test cases to inherit, servers, parsers and data that several tests use."""
