def migrate(cr, _version):
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
