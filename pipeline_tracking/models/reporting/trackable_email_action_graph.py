"""Label the hours of graphs (extends trackable.email.action)."""

import babel.dates

from odoo import models
from odoo.tools.misc import get_lang

HOUR_FORMAT = "HH:00 dd MMM yyyy"


class TrackableEmailAction(models.Model):
    _inherit = "trackable.email.action"

    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        """Label hours with the time of 24 hours and the year.

        Odoo's label of an hour is the same for 6 AM and 6 PM, and in each year. Its
        graph draws groups with the same label as one bar, of the last group's size.
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
