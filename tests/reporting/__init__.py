"""Tests of the reports and the heat map."""
