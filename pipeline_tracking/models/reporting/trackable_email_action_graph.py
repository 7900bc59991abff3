"""Label hours in graphs of actions (extends trackable.email.action)."""

import babel.dates

from odoo import models
from odoo.tools.misc import get_lang

HOUR_FORMAT = "HH:00 dd MMM yyyy"


class TrackableEmailAction(models.Model):
    _inherit = "trackable.email.action"

    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        """Label hours with the 24-hour time and the year.

        Odoo gives 6 AM and 6 PM the same label, and each year too. Its graph draws
        groups with equal labels as one bar, with the value of the last group.
        """
        formatter = super()._web_read_group_groupby_formatter(groupby_spec, values)
        if groupby_spec != "occurred_at:hour":
            return formatter
        locale = get_lang(self.env).code

        def format_hour(hour):
            (start, _label), domain = formatter(hour)
            label = babel.dates.format_datetime(hour, HOUR_FORMAT, locale=locale)
            return (start, label), domain

        return format_hour
