"""Actions have a grade of confidence. One statement grades all earlier actions."""

from odoo.tools.sql import column_exists, create_column

TABLE = "trackable_email_action"


def migrate(cr, _version):
    """Grade earlier actions by their actor and reason, and rename a reason."""
    if column_exists(cr, TABLE, "confidence"):
        return
    create_column(cr, TABLE, "confidence", "varchar")
    cr.execute(
        """
        UPDATE trackable_email_action
           SET reason = CASE reason WHEN 'google-crawler' THEN 'scanner-network'
                                    ELSE reason END,
               confidence = CASE
                    WHEN actor = 'unknown' THEN 'low'
                    WHEN reason IN ('too-soon', 'known-device') THEN 'medium'
                    WHEN actor IN ('machine', 'internal') THEN 'high'
                    WHEN kind = 'open' AND reason IN
                         ('gmail-proxy', 'image-proxy', 'mail-client', 'yahoo-proxy')
                    THEN 'high'
                    ELSE 'medium' END
        """
    )
