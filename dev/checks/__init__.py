"""Check a change before it is merged. ``.ci/run`` runs the checks.

The entry points are ``lint``, ``suite`` (the tests), ``wheel`` (the packages),
``translations`` and ``odoo_suite`` (Odoo's own tests). Each returns an exit status.
"""
