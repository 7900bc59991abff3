from odoo.tools import SQL


def migrate(cr, _version):
    """Count what was recorded before there were counters of it; drop an index that
    another one has made of no use.
    """
    cr.execute("DROP INDEX IF EXISTS trackable_email_action__trackable_email_id_index")
    cr.execute(
        SQL(
            """
            UPDATE trackable_email email
               SET raw_open_count = raw.opens,
                   raw_click_count = raw.links,
                   unknown_open_count = raw.unknown
              FROM (SELECT trackable_email_id,
                           count(*) FILTER (WHERE kind = 'open') AS opens,
                           count(*) FILTER (WHERE kind != 'open') AS links,
                           count(*) FILTER (WHERE kind = 'open'
                                              AND actor = 'unknown') AS unknown
                      FROM trackable_email_action
                     GROUP BY trackable_email_id) raw
             WHERE raw.trackable_email_id = email.id
            """
        )
    )
