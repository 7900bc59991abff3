"""Odoo's own tests that may fail with the addon, each with its reason.

One line each: ``"<id, as make odoo-suite prints it>": REASON``. One that did not fail
in a run is reported: it is to go.
"""

EXCEPTIONS = {}
