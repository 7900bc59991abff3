def migrate(cr, _version):
    """Bring the rows of earlier versions up to date."""
    _mark_tracked_emails_as_not_stopped(cr)


def _mark_tracked_emails_as_not_stopped(cr):
    """Replace NULL by FALSE: aggregates such as bool_and ignore NULL."""
    cr.execute("UPDATE trackable_email SET is_stopped = FALSE WHERE is_stopped IS NULL")
