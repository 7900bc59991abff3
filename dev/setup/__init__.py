"""The development ground in ``.dev/``: Odoo 19, Python packages, PostgreSQL, a browser.

Everything here runs on the standard library alone (it is what makes the virtual
environment), apart from what is said otherwise in a module's docstring.
"""
