"""Measure how long hits wait, and warn if they are late (extends trackable.hit)."""

from datetime import timedelta

from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.tools.misc import babel_locale_parse, get_lang

from ...tools import hit_hold_sql


class TrackableHit(models.Model):
    _inherit = "trackable.hit"

    @api.depends_context("lang")
    @api.depends("occurred_at")
    def _compute_waited(self):
        now = fields.Datetime.now()
        for hit in self:
            hit.waited = self._format_age((now - hit.occurred_at).total_seconds())

    @api.model
    def _format_age(self, seconds):
        """Format an age in words, as in "12 minutes".

        :param float seconds:
        :rtype: str
        """
        locale = babel_locale_parse(get_lang(self.env).code)
        return format_timedelta(timedelta(seconds=max(seconds, 0)), locale=locale)

    @api.model
    def _get_late_seconds(self):
        """Return how long the oldest of the late hits has been due.

        :return: seconds; 0 if no hit is late
        :rtype: float
        """
        self.env.flush_all()
        rows = self.env.execute_query(hit_hold_sql.LATE)
        return rows[0][0] if rows else 0

    @api.model
    def _get_backlog(self):
        """Measure the queue.

        :return: the number of due hits, and for how many seconds the oldest is due
        :rtype: tuple[int, float]
        """
        self.env.flush_all()
        [backlog] = self.env.execute_query(hit_hold_sql.BACKLOG)
        return backlog

    @api.model
    def _get_late_warning(self):
        """Return the warning that administrators see when hits are late.

        :return: "" if no hit is late
        :rtype: str
        """
        seconds = self._get_late_seconds()
        if not seconds:
            return ""
        return self.env._(
            "Opens and clicks have waited for %(age)s, because the scheduled action"
            " that processes them does not run. No data is lost. To find the cause,"
            " click Check Tracking in Settings ▸ Email Tracking.",
            age=self._format_age(seconds),
        )
