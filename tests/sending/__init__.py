"""Test sending, from the composer to SMTP: tracking decision, links and files."""
