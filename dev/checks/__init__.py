"""Check a change: what has to pass before it is merged (``.ci/run`` runs it all).

The entry points are ``lint``, ``suite`` (the tests), ``wheel`` (what is published),
``translations`` and ``odoo_suite`` (Odoo's own tests). They hand on nothing but an exit
status.
"""
