"""Make the environment in ``.dev/``: Odoo 19, Python packages, PostgreSQL, a browser.

``steps`` is the entry point (``make setup``). The package hands on ``paths``,
``console`` (messages, other programs), ``odoo_config``, ``databases`` and
``database_templates``, which ``demo``, ``checks``, the benchmarks and the tests use.

The modules run on the standard library alone, since they make the virtual environment;
``databases`` and ``database_templates`` need psycopg2.
"""
