"""Recompute counters and inferred opens from actions (extends trackable.email)."""

from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ...tools import actors, classify, counters, signs
from ...tools.actions_and_totals_sql import ACTIONS_AND_TOTALS
from ...tools.counters import ActionCount
from .chatter_channel import push_badges, push_buttons
from .mail_message_badge import BADGE_FIELDS
from .trackable_feed_channel import push_feed

RAW_COUNTERS = {"raw_open_count", "raw_click_count"}


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_counters(self, counts, inferred):
        """Return the values of this email's counters.

        An override adds values of more fields of `trackable.email` to the dictionary of
        super. Only changed values are written.

        :param list[ActionCount] counts: numbers of this email's actions
        :param datetime | None inferred: time of the inferred open
        :return: values by the name of the field
        :rtype: dict
        """
        return counters.compute_counters(counts, inferred)

    def _prepare_inferred_open_values(self, occurred_at):
        """Return the values of the action that records an inferred open.

        An override adds values of more fields of `trackable.email.action` to the
        dictionary of super.

        :param datetime occurred_at: time of the open
        :rtype: dict
        """
        self.ensure_one()
        return {
            "trackable_email_id": self.id,
            "kind": actors.OPEN,
            "actor": actors.RECIPIENT,
            "reason": classify.INFERRED,
            # A reply proves an open. A click can be a program's: see
            # `_grade_inferred_opens`.
            "confidence": (
                signs.HIGH if occurred_at == self.reply_date else signs.MEDIUM
            ),
            "occurred_at": occurred_at,
        }

    # ------------------------------------------------------------
    # Do not override: the steps after a change of actions
    # ------------------------------------------------------------

    def _recompute_counters(self, actions):
        """Update these emails after some of their actions have changed.

        This updates inferred opens, counters, badges, open feeds and chatter entries,
        and plans notifications. Actions are counted anew, because corrections can lower
        counters.

        :param trackable.email.action actions: new actions that count, and corrected
            ones, of these emails
        """
        Entry = self.env["trackable.email.entry"]
        days = Entry._get_entry_days(actions)
        counts = self._read_action_counts()
        inferred = {
            email: counters.infer_open_date(counts[email], email.reply_date)
            for email in self
        }
        days |= self._sync_inferred_opens(
            {
                email: opened_at
                for email, opened_at in inferred.items()
                if opened_at != counters.get_inferred_open_date(counts[email])
            }
        )
        self.filtered(inferred.get)._grade_inferred_opens()
        emails_with_changed_actions = actions.trackable_email_id
        notice_times = self._plan_notice_times(actions, inferred)
        badge_email_ids = []
        button_email_ids = []
        feed_email_ids = []
        for email in self:
            values = self._prepare_counters(counts[email], inferred[email])
            changed = {
                name: value
                for name, value in values.items()
                if email[name] != value and (email[name] or value)
            }
            # Automated actions change the raw counters only, and traces ignore them.
            if email.mailing_trace_id and (
                email in emails_with_changed_actions or set(changed) - RAW_COUNTERS
            ):
                changed["is_trace_due"] = True
            if email in notice_times:
                changed["notice_at"] = notice_times[email]
            was_opened = email.open_count > 0
            email.write(changed)
            if (email.open_count > 0) != was_opened:
                button_email_ids.append(email.id)
            if set(changed) & BADGE_FIELDS:
                badge_email_ids.append(email.id)
            if set(changed) & (BADGE_FIELDS | RAW_COUNTERS):
                feed_email_ids.append(email.id)
        push_badges(self.browse(badge_email_ids))
        push_buttons(self.browse(button_email_ids))
        push_feed(self.browse(feed_email_ids))
        Entry._update_entries(days)

    def _read_action_counts(self):
        """Count the actions of these emails, including totals of deleted actions.

        :rtype: dict[TrackableEmail, list[ActionCount]]
        """
        self.env["trackable.email.action"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT trackable_email_id, kind, actor, is_inferred, is_repeat,
                       is_counted, sum(number)::integer, min(first_date), max(last_date)
                  FROM %s AS action
                 WHERE trackable_email_id = ANY(%s)
                 GROUP BY trackable_email_id, kind, actor, is_inferred, is_repeat,
                          is_counted
                """,
                ACTIONS_AND_TOTALS,
                self.ids,
            )
        )
        counts_by_email = defaultdict(list)
        for email_id, *values in rows:
            counts_by_email[self.browse(email_id)].append(ActionCount(*values))
        return counts_by_email

    def _sync_inferred_opens(self, inferred):
        """Replace the inferred opens of these emails.

        :param dict inferred: trackable email -> time of its inferred open, or None
        :return: (trackable email, day) for each day whose chatter entries change
        :rtype: set[tuple]
        """
        if not inferred:
            return set()
        Action = self.env["trackable.email.action"]
        Entry = self.env["trackable.email.entry"]
        emails = self.browse().union(*inferred)
        outdated = Action.search(
            [
                ("trackable_email_id", "in", emails.ids),
                ("reason", "=", classify.INFERRED),
            ]
        )
        days = Entry._get_entry_days(outdated)
        outdated.unlink()
        emails.total_ids.filtered("is_inferred").unlink()
        return days | Entry._get_entry_days(
            Action.create(
                [
                    email._prepare_inferred_open_values(opened_at)
                    for email, opened_at in inferred.items()
                    if opened_at
                ]
            )
        )

    def _grade_inferred_opens(self):
        """Grade the inferred opens of these emails. An inferred open is uncertain if
        the click or download that implies it is uncertain.
        """
        if not self:
            return
        Action = self.env["trackable.email.action"]
        Action.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE trackable_email_action AS inferred
                   SET confidence = graded.confidence
                  FROM (SELECT inferred.id,
                               CASE WHEN bool_and(used.confidence = %(low)s)
                                    THEN %(low)s ELSE %(medium)s END AS confidence
                          FROM trackable_email_action inferred
                          JOIN trackable_email_action used
                            ON used.trackable_email_id = inferred.trackable_email_id
                           AND used.occurred_at = inferred.occurred_at
                           AND used.kind != %(open)s AND used.actor = %(recipient)s
                         WHERE inferred.trackable_email_id = ANY(%(ids)s)
                           AND inferred.reason = %(inferred)s
                         GROUP BY inferred.id) AS graded
                 WHERE inferred.id = graded.id
                   AND inferred.confidence IS DISTINCT FROM graded.confidence
                RETURNING inferred.id
                """,
                low=signs.LOW,
                medium=signs.MEDIUM,
                open=actors.OPEN,
                recipient=actors.RECIPIENT,
                inferred=classify.INFERRED,
                ids=self.ids,
            )
        )
        Action.browse(action_id for (action_id,) in rows).invalidate_recordset(
            ["confidence"]
        )
