"""Make the environment in ``.dev/``: Odoo 19, Python packages, PostgreSQL, a browser.

``steps`` is the entry point (``make setup``). ``demo``, ``checks``, the benchmarks and
the tests use ``paths``, ``console`` (messages, other programs), ``odoo_config``,
``databases`` and ``database_templates``.

The modules make the virtual environment, so they need only the standard library;
``databases`` and ``database_templates`` also need psycopg2.
"""
