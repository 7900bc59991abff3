from odoo import SUPERUSER_ID, api

from odoo.addons.pipeline_tracking.tools import link_labels

BATCH_SIZE = 5000


def migrate(cr, _version):
    """Update rows of earlier versions."""
    _mark_tracked_emails_as_not_stopped(cr)
    _remove_paths_from_labels(cr)
    # Must run last, because it renders the new labels.
    _make_chatter_entries_generic(cr)


def _mark_tracked_emails_as_not_stopped(cr):
    """Replace NULL with FALSE, because aggregates such as bool_and ignore NULL."""
    cr.execute("UPDATE trackable_email SET is_stopped = FALSE WHERE is_stopped IS NULL")


def _remove_paths_from_labels(cr):
    """Reduce labels that were made from an address to its host."""
    last_id = 0
    while True:
        cr.execute(
            """
            SELECT id, url, label
              FROM trackable_link
             WHERE id > %s AND is_file IS NOT TRUE AND label IS NOT NULL
             ORDER BY id
             LIMIT %s
            """,
            [last_id, BATCH_SIZE],
        )
        rows = cr.fetchall()
        if not rows:
            return
        last_id = rows[-1][0]
        labels = {link_id: (_get_label(url, old), old) for link_id, url, old in rows}
        changed = [(key, new) for key, (new, old) in labels.items() if new != old]
        if changed:
            cr.execute_values(
                "UPDATE trackable_link SET label = new.label"
                "  FROM (VALUES %s) AS new (id, label)"
                " WHERE trackable_link.id = new.id",
                changed,
                page_size=len(changed),
            )


def _get_label(url, text):
    is_address = text == link_labels.readable_destination(url)
    return (
        link_labels.readable_address(url)
        if is_address
        else link_labels.readable_text(text)
    )


def _make_chatter_entries_generic(cr):
    """Remove subject, links and files from chatter entries, except on the record that
    the email was sent from.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["trackable.email.entry"]._make_generic()
