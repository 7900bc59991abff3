"""Define the SQL of actions and totals of deleted actions, for all statistics."""

from odoo.tools import SQL

from .actors import MACHINE

# The context's key that makes reports count automated requests as well.
WITH_AUTOMATED = "with_automated_requests"

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


def count_actions(env):
    """Build the condition of the actions that a report counts: those of recipients,
    and automated requests if the context asks for them.

    :param odoo.api.Environment env:
    :return: a condition on the alias ``action``
    :rtype: SQL
    """
    if env.context.get(WITH_AUTOMATED):
        return SQL(
            "(action.is_counted OR (action.actor = %s AND NOT action.is_repeat))",
            MACHINE,
        )
    return SQL("action.is_counted")
