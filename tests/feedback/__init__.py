"""Tests of what users see: badge, chatter entries, button, live updates, notices."""
