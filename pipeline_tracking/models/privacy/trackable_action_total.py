from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import classify


class TrackableActionTotal(models.Model):
    """The number of deleted actions of one kind on a trackable email. Counters,
    statistics and reports add it to the actions that are still there.

    It is a table, and not a field of the trackable email, because SQL counts actions
    by link and by mailing, with indexes. Its id is the id of the first action that it
    replaces.
    """

    _name = "trackable.action.total"
    _description = "Totals of Deleted Actions"
    _log_access = False

    trackable_email_id = fields.Many2one(
        "trackable.email",
        "Tracked Email",
        required=True,
        index=True,
        ondelete="cascade",
    )
    trackable_link_id = fields.Many2one(
        "trackable.link", "Tracked Link", index="btree_not_null", ondelete="set null"
    )
    kind = fields.Char(required=True)
    actor = fields.Char(required=True)
    is_inferred = fields.Boolean()
    is_repeat = fields.Boolean()
    is_counted = fields.Boolean()
    number = fields.Integer(required=True)
    first_date = fields.Datetime(required=True)
    last_date = fields.Datetime(required=True)

    @api.model
    def _replace_actions_by_totals(self, actions):
        """Delete actions, and add their number to the totals.

        :param SQL actions: a query of their ids. The caller has locked their trackable
            emails, or knows that no other transaction changes them.
        """
        self.env.flush_all()
        # SQL: there can be a hundred thousand actions.
        rows = self.env.execute_query(
            SQL(
                """
                WITH deleted AS (
                    DELETE FROM trackable_email_action WHERE id IN (%s)
                    RETURNING id, trackable_email_id, trackable_link_id, kind, actor,
                              reason IS NOT DISTINCT FROM %s AS is_inferred,
                              is_repeat IS TRUE AS is_repeat,
                              is_counted IS TRUE AS is_counted, occurred_at
                ),
                previous_total AS (
                    DELETE FROM trackable_action_total
                     WHERE trackable_email_id IN (SELECT trackable_email_id
                                                    FROM deleted)
                    RETURNING *
                ),
                total AS (
                    INSERT INTO trackable_action_total
                           (id, trackable_email_id, trackable_link_id, kind, actor,
                            is_inferred, is_repeat, is_counted, number, first_date,
                            last_date)
                    SELECT min(id), trackable_email_id, trackable_link_id, kind, actor,
                           is_inferred, is_repeat, is_counted,
                           sum(number), min(first_date), max(last_date)
                      FROM (SELECT id, trackable_email_id, trackable_link_id, kind,
                                   actor, is_inferred, is_repeat, is_counted,
                                   1 AS number,
                                   occurred_at AS first_date, occurred_at AS last_date
                              FROM deleted
                             UNION ALL
                            SELECT id, trackable_email_id, trackable_link_id, kind,
                                   actor, is_inferred, is_repeat, is_counted, number,
                                   first_date, last_date
                              FROM previous_total) AS action_or_total
                     GROUP BY trackable_email_id, trackable_link_id, kind, actor,
                              is_inferred, is_repeat, is_counted
                )
                SELECT DISTINCT trackable_email_id FROM deleted
                """,
                actions,
                classify.INFERRED,
            )
        )
        self.env.cr.execute(
            """
            UPDATE trackable_email
               SET oldest_action_date = (SELECT min(occurred_at)
                                           FROM trackable_email_action
                                          WHERE trackable_email_id = trackable_email.id)
             WHERE id = ANY(%s)
            """,
            [[email_id for (email_id,) in rows]],
        )
        self.invalidate_model()
        self.env["trackable.email.action"].invalidate_model()
        self.env["trackable.email"].invalidate_model(
            ["action_ids", "total_ids", "link_ids", "oldest_action_date"]
        )
