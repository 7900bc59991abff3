from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ...tools import classify, counters
from ...tools.action_sql import ACTIONS_AND_TOTALS
from ...tools.counters import ActionCount
from .chatter_channel import push_badges

RAW = {"raw_open_count", "raw_click_count"}
BADGE = {"open_count", "click_count", "unknown_open_count"}


class TrackableEmail(models.Model):
    """Recompute counters, and infer opens, from actions (extends trackable.email)."""

    _inherit = "trackable.email"

    def _recompute_counters(self, actions):
        """Bring in step with their actions what follows from these: opens that must
        have been, counters and chatter entries.

        The counters are counted anew: what was corrected is right again.

        :param trackable.email.action actions: of these emails: new ones that count,
            and those that were corrected
        """
        Entry = self.env["trackable.email.entry"]
        days = Entry._get_days(actions)
        counts = self._read_action_counts()
        inferred = {
            email: counters.infer_open_date(counts[email], email.reply_date)
            for email in self
        }
        days |= self._sync_inferred_opens(
            {
                email: date
                for email, date in inferred.items()
                if date != counters.get_inferred_open_date(counts[email])
            }
        )
        acted = actions.trackable_email_id
        notices = self._plan_notices(actions, inferred)
        shown_ids = []
        for email in self:
            values = self._prepare_counters(counts[email], inferred[email])
            changed = {
                name: value
                for name, value in values.items()
                if email[name] != value and (email[name] or value)
            }
            # What machines do is in no trace.
            if email.mailing_trace_id and (email in acted or set(changed) - RAW):
                changed["is_trace_due"] = True
            if email in notices:
                changed["notice_at"] = notices[email]
            email.write(changed)
            if set(changed) & BADGE:
                shown_ids.append(email.id)
        push_badges(self.browse(shown_ids))
        Entry._show(days)

    def _read_action_counts(self):
        """Their actions, counted by what they are; those that were cleared with them.

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
        by_email = defaultdict(list)
        for email_id, *values in rows:
            by_email[self.browse(email_id)].append(ActionCount(*values))
        return by_email

    def _prepare_counters(self, counts, inferred):
        """Values of the counters of one of them. To be extended.

        :param list[ActionCount] counts:
        :param datetime | None inferred: when it must have been open
        :rtype: dict
        """
        return counters.compute_counters(counts, inferred)

    def _sync_inferred_opens(self, inferred):
        """Keep the opens that must have been, in place of those kept before.

        :param dict inferred: trackable email -> when, or None
        :return: the days that changed, as `trackable.email.entry._show` takes them
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
        days = Entry._get_days(outdated)
        outdated.unlink()
        emails.total_ids.filtered("is_inferred").unlink()
        return days | Entry._get_days(
            Action.create(
                [
                    email._prepare_inferred_values(date)
                    for email, date in inferred.items()
                    if date
                ]
            )
        )

    def _prepare_inferred_values(self, occurred_at):
        """Values of the action for an open that must have been. To be extended.

        :param datetime occurred_at:
        :rtype: dict
        """
        self.ensure_one()
        return {
            "trackable_email_id": self.id,
            "kind": classify.OPEN,
            "actor": classify.RECIPIENT,
            "reason": classify.INFERRED,
            "occurred_at": occurred_at,
        }
