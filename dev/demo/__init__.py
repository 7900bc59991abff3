"""``make demo`` and ``make smoke``: Odoo, an inbox, and a tracked email on its way.

``stage`` brings up what both need; ``show`` is for a person, ``smoke`` does the
person's part itself, and ``screenshots`` takes pictures of what a person sees.

Needs the packages of dev/requirements.txt.
"""
