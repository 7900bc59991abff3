"""Tests of the fast lane: requests answered before Odoo's router."""
