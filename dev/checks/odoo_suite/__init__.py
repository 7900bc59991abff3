"""Compare Odoo's own tests with the addon and without it (``make odoo-suite``).

``command`` is the entry point. ``runs`` starts a pytest for each kind of run; its
``plugin`` records the results. ``verdict`` compares the results, and ``report`` prints
the comparison. ``allowed_failures`` lists the tests that may fail, with reasons.
"""
