from odoo.tools.sql import column_exists


def migrate(cr, _version):
    """Bring up to date what was chosen before."""
    _keep_choices(cr)
    _stop_for_who_objected(cr)
    _date_oldest_actions(cr)
    # What was recorded before is not deleted before somebody has decided that.
    cr.execute("UPDATE res_company SET tracking_keep_months = 0")
    # Another index begins with the same.
    cr.execute("DROP INDEX IF EXISTS trackable_hit__trackable_email_id_index")


def _keep_choices(cr):
    """Who had turned tracking off has chosen so; the others follow their company."""
    if column_exists(cr, "res_users", "track_emails"):
        cr.execute(
            "UPDATE res_users SET tracking_choice = 'off' WHERE track_emails IS FALSE"
        )
        cr.execute("ALTER TABLE res_users DROP COLUMN track_emails")


def _stop_for_who_objected(cr):
    """Objections did not cover what was sent before."""
    cr.execute(
        """
        UPDATE trackable_email SET is_stopped = TRUE
         WHERE is_stopped IS NOT TRUE
           AND email_to IN (SELECT email_normalized FROM res_partner
                             WHERE tracking_consent = 'objected')
        """
    )


def _date_oldest_actions(cr):
    """When the oldest action of each trackable email was, for what is too old."""
    cr.execute(
        """
        UPDATE trackable_email email SET oldest_action_date = kept.oldest
          FROM (SELECT trackable_email_id, min(occurred_at) AS oldest
                  FROM trackable_email_action GROUP BY trackable_email_id) kept
         WHERE kept.trackable_email_id = email.id
           AND email.oldest_action_date IS DISTINCT FROM kept.oldest
        """
    )
