def migrate(cr, _version):
    """Bring up to date what was recorded before."""
    _mark_as_told(cr)


def _mark_as_told(cr):
    """What happened before there were notices is no news."""
    cr.execute(
        """
        UPDATE trackable_email email SET told_news = known.keys
          FROM (SELECT trackable_email_id,
                       jsonb_agg(DISTINCT CASE kind WHEN 'open' THEN 0
                                          ELSE COALESCE(trackable_link_id, -1) END
                                ) AS keys
                  FROM trackable_email_action
                 WHERE actor = 'recipient' AND is_repeat IS NOT TRUE
                 GROUP BY trackable_email_id) known
         WHERE known.trackable_email_id = email.id
           AND email.mailing_id IS NULL AND email.told_news IS NULL
        """
    )
