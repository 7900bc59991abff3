"""Tests of access and of attacks. docs/security.md names each file."""
