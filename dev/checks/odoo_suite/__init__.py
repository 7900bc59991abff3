"""Odoo's own tests of mails and mailings, with the addon installed and without it."""
