from datetime import timedelta

from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.tools.misc import babel_locale_parse, get_lang

from ...tools import hit_hold_sql


class TrackableHit(models.Model):
    """Tell how long hits wait, and warn when it is too long (extends trackable.hit)."""

    _inherit = "trackable.hit"

    @api.depends_context("lang")
    @api.depends("occurred_at")
    def _compute_waited(self):
        now = fields.Datetime.now()
        for hit in self:
            hit.waited = self._say_age((now - hit.occurred_at).total_seconds())

    @api.model
    def _say_age(self, seconds):
        """An age in words: 12 minutes.

        :param float seconds:
        :rtype: str
        """
        locale = babel_locale_parse(get_lang(self.env).code)
        return format_timedelta(timedelta(seconds=max(seconds, 0)), locale=locale)

    @api.model
    def _get_late_seconds(self):
        """For how long the oldest of the hits that are late was due.

        :return: seconds, 0 where none is late
        :rtype: float
        """
        self.env.flush_all()
        rows = self.env.execute_query(hit_hold_sql.LATE)
        return rows[0][0] if rows else 0

    @api.model
    def _get_backlog(self):
        """
        :return: how many hits are due, and for how many seconds the oldest
        :rtype: tuple[int, float]
        """
        self.env.flush_all()
        [backlog] = self.env.execute_query(hit_hold_sql.BACKLOG)
        return backlog

    @api.model
    def _get_late_warning(self):
        """What an administrator is told where hits are late.

        :return: or ""
        :rtype: str
        """
        seconds = self._get_late_seconds()
        if not seconds:
            return ""
        return self.env._(
            "Opens and clicks have waited for %(age)s: the job that processes them"
            " does not run. Nothing is lost. Check Tracking, in the settings, tells"
            " what to do.",
            age=self._say_age(seconds),
        )
