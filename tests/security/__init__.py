"""Test access rights and attacks. docs/security.md names each file."""
