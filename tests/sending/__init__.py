"""Tests of the way from the composer to SMTP: decision, links, files."""
