"""Compare Odoo's own tests with the addon and without it (``make odoo-suite``).

``command`` is the entry point. ``runs`` starts one pytest for each kind of run, which
``plugin`` makes record its results; ``verdict`` reads and compares them, ``report``
prints them. ``allowed_failures`` lists the tests that may fail, with the reasons.
"""
