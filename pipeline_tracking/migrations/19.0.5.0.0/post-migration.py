"""Many texts are new. Odoo keeps the stored translations of the old texts."""

from odoo.addons.pipeline_tracking.hooks import replace_translations


def migrate(cr, _version):
    """Load the translations of the new texts."""
    replace_translations(cr)
