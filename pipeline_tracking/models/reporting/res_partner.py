"""Suggest when to send an email: when its recipient usually opens emails (extends
res.partner).
"""

from collections import defaultdict
from datetime import timedelta

import pytz

from odoo import api, fields, models

from ...tools import actors
from ...tools.usual_time import find_next, find_usual_time

RECENT_DAYS = 365
MAX_OPENS = 1000  # the latest, of all partners
MAX_PARTNERS = 20


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.readonly
    def get_usual_opening_times(self):
        """Return when these partners usually open emails, from the emails that the
        user may see. Mailings do not count: their opens depend on the time at which
        they were sent. The hours are in the time zone of the context.

        :return: a dict for each partner with a usual time: ``id``, ``name``,
            ``weekday`` (0 is Sunday), ``start`` and ``end`` (hours), and ``next`` (UTC)
        :rtype: list[dict]
        :raise AccessError: the user may not see tracked emails
        """
        partners = self[:MAX_PARTNERS]._filtered_access("read")
        now = fields.Datetime.now()
        suggestions = []
        for partner, times in partners._get_opening_times(now).items():
            usual_time = find_usual_time([self._to_local(time) for time in times])
            if usual_time:
                next_time = find_next(usual_time, self._to_local(now))
                suggestions.append(
                    {
                        "id": partner.id,
                        "name": partner.name or partner.email,
                        "weekday": (usual_time.weekday + 1) % 7,
                        "start": usual_time.start,
                        "end": usual_time.end,
                        "next": fields.Datetime.to_string(self._to_utc(next_time)),
                    }
                )
        return suggestions

    def _get_opening_times(self, now):
        """Return when these partners opened emails, from the emails that the user may
        see.

        :param datetime now: UTC, naive
        :return: partner -> times (UTC, naive)
        :rtype: dict[res.partner, list[datetime]]
        """
        actions = self.env["trackable.email.action"].search_fetch(
            [
                ("partner_id", "in", self.ids),
                ("kind", "=", actors.OPEN),
                ("is_counted", "=", True),
                ("mailing_id", "=", False),
                ("occurred_at", ">=", now - timedelta(days=RECENT_DAYS)),
            ],
            ["occurred_at", "trackable_email_id"],
            limit=MAX_OPENS,
        )
        times_by_partner = defaultdict(list)
        for action in actions:
            times_by_partner[action.trackable_email_id.partner_id].append(
                action.occurred_at
            )
        return times_by_partner

    def _to_local(self, time):
        """Convert a naive UTC time to a naive time in the time zone of the context."""
        return pytz.utc.localize(time).astimezone(self.env.tz).replace(tzinfo=None)

    def _to_utc(self, time):
        """Convert a naive time in the time zone of the context to naive UTC."""
        return self.env.tz.localize(time).astimezone(pytz.utc).replace(tzinfo=None)
