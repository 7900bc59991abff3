"""The development ground: Odoo 19, Python packages, PostgreSQL and a browser in ``.dev/``.

Everything here runs on the standard library alone (it is what makes the virtual environment), apart from
what is said otherwise in a module's docstring.
"""
