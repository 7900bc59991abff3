from odoo.tools.sql import column_exists


def migrate(cr, _version):
    """Count the links of emails that were sent before their number was kept; replies
    that wait in the queue are told by another column now.
    """
    cr.execute(
        """
        UPDATE trackable_email email SET link_count = links.count
          FROM (SELECT mail_message_id, count(*) FROM trackable_link
                 GROUP BY mail_message_id) links
         WHERE links.mail_message_id = email.mail_message_id
        """
    )
    if column_exists(cr, "trackable_hit", "reply_message_id"):
        cr.execute(
            "UPDATE trackable_hit SET is_reply = TRUE"
            " WHERE reply_message_id IS NOT NULL"
        )
