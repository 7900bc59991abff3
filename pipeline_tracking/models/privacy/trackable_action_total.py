from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import classify


class TrackableActionTotal(models.Model):
    """What is left of actions that were cleared: how many like ones there were on a
    trackable email, for its counters and all that is counted from actions.

    A table, and not a field of the trackable email: what is counted for a link or a
    mailing is counted by SQL, with an index to what it is about.

    Its id is that of the first action it stands for.
    """

    _name = "trackable.action.total"
    _description = "Cleared Trackable Email Actions"
    _log_access = False

    trackable_email_id = fields.Many2one(
        "trackable.email", required=True, index=True, ondelete="cascade"
    )
    trackable_link_id = fields.Many2one(
        "trackable.link", index="btree_not_null", ondelete="set null"
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
    def _replace_by_totals(self, actions):
        """Delete actions, and keep their number.

        :param SQL actions: that selects their ids; nobody else may be working on their
            trackable emails
        """
        self.env.flush_all()
        # SQL: there can be a great many of them.
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
                before AS (
                    DELETE FROM trackable_action_total
                     WHERE trackable_email_id IN (SELECT trackable_email_id
                                                    FROM deleted)
                    RETURNING *
                ),
                cleared AS (
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
                              FROM before) AS each
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
