"""Define the SQL of actions and totals of deleted actions, for all statistics."""

from odoo.tools import SQL

# Each row has the number of its actions, and the times of the first and last action.
ACTIONS_AND_TOTALS = SQL(
    """
    (SELECT id, trackable_email_id, trackable_link_id, kind, actor,
            reason IS NOT DISTINCT FROM 'inferred' AS is_inferred,
            is_repeat IS TRUE AS is_repeat, is_counted IS TRUE AS is_counted,
            1 AS number, occurred_at AS first_date, occurred_at AS last_date
       FROM trackable_email_action
      UNION ALL
     SELECT id, trackable_email_id, trackable_link_id, kind, actor,
            is_inferred, is_repeat, is_counted, number, first_date, last_date
       FROM trackable_action_total)
    """
)
