"""Tests of Email Marketing: copies, statistics, traces, link trackers."""
