"""Tests of consent, objection, anonymizing and retention."""
