"""Show the addon with an Odoo, an inbox and a tracked email.

``stage`` starts the programs and sends the email. ``show`` (``make demo``) tells a
person what to do. ``smoke`` (``make smoke``) does the same with a browser, and
``screenshots`` takes pictures. The tests use ``headless_browser``.
"""
