"""Tests of the way from the request to the action: hits, queue, replies."""
