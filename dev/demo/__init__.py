"""Show the addon: Odoo, an inbox, and a tracked email on its way.

``stage`` starts all that a demo needs. ``show`` (``make demo``) hands it to a person,
``smoke`` (``make smoke``) does the person's part itself, and ``screenshots`` takes
pictures of the pages. The tests use ``headless_browser``.
"""
