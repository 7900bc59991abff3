from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Bring the rows of earlier versions up to date."""
    _mark_tracked_emails_as_not_stopped(cr)
    _make_chatter_entries_generic(cr)


def _mark_tracked_emails_as_not_stopped(cr):
    """Replace NULL by FALSE: aggregates such as bool_and ignore NULL."""
    cr.execute("UPDATE trackable_email SET is_stopped = FALSE WHERE is_stopped IS NULL")


def _make_chatter_entries_generic(cr):
    """Remove subject, links and files from chatter entries on other records than the
    one that the email was sent from.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["trackable.email.entry"]._make_generic()
