"""The actions, and the totals of deleted ones, as SQL that figures are counted from."""

from odoo.tools import SQL

# Actions, and what is left of those that were cleared: each row with the number of
# actions that it stands for, and when the first and the last of them was.
ACTIONS_AND_TOTALS = SQL(
    """
    (SELECT id, trackable_email_id, trackable_link_id, kind, actor,
            reason IS NOT DISTINCT FROM 'inferred' AS is_inferred,
            is_repeat IS TRUE AS is_repeat,
            1 AS number, occurred_at AS first_date, occurred_at AS last_date
       FROM trackable_email_action
      UNION ALL
     SELECT id, trackable_email_id, trackable_link_id, kind, actor,
            is_inferred, is_repeat, number, first_date, last_date
       FROM trackable_cleared)
    """
)

# Which of all requests are the recipient's, each once: as
# `trackable.email.action._get_counting` has it.
IS_COUNTED = SQL("(actor = 'recipient' AND is_repeat IS NOT TRUE)")
