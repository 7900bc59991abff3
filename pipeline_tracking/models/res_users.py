"""Add the user's preferences for email tracking (extends res.users)."""

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import quiet_hours

SELF_FIELDS = [
    "track_emails",
    "tracking_notice",
    "tracking_quiet",
    "tracking_quiet_from",
    "tracking_quiet_to",
]


# Hours that users see first when they turn on quiet hours.
QUIET_FROM, QUIET_TO = 18, 8


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = ["res.users", "referenced.record.mixin"]

    # If empty, the company's setting applies.
    tracking_choice = fields.Selection([("on", "On"), ("off", "Off")])
    track_emails = fields.Boolean(
        "Track my emails",
        compute="_compute_track_emails",
        inverse="_inverse_track_emails",
        compute_sudo=True,
        help="Turn on Tracked in each new email to a customer. You can turn it off in"
        " the composer.",
    )
    tracking_notice = fields.Selection(
        [("off", "Off"), ("toast", "Pop-up"), ("inbox", "Messages menu")],
        "Notify me about opens and clicks",
        default="toast",
        required=True,
        help="Notify me the first time a customer opens one of my emails or uses a link"
        " or file in it. A pop-up appears in Odoo and closes by itself. The messages"
        " menu, behind the speech bubbles at the top right, keeps a message until I"
        " mark it as read, also if I get other notifications by email. In both cases,"
        " devices on which I turned on Odoo's push notifications are notified, too.",
    )
    tracking_quiet = fields.Boolean(
        "Quiet hours",
        compute="_compute_tracking_quiet",
        inverse="_inverse_tracking_quiet",
        compute_sudo=True,
        help="Odoo delivers notifications of these hours when the quiet hours end. My"
        " time zone applies.",
    )
    # Without quiet hours, both times are equal.
    tracking_quiet_from = fields.Float("Quiet hours from")
    tracking_quiet_to = fields.Float("Quiet hours to")

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + SELF_FIELDS

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + SELF_FIELDS

    @api.depends("tracking_choice", "company_id.track_emails_by_default")
    def _compute_track_emails(self):
        for user in self:
            choice = user.tracking_choice
            user.track_emails = (
                choice == "on" if choice else user.company_id.track_emails_by_default
            )

    def _inverse_track_emails(self):
        for user in self:
            # The form of a new user writes the default. This is not a choice.
            by_default = user.company_id.track_emails_by_default
            if user.tracking_choice or user.track_emails != by_default:
                user.tracking_choice = "on" if user.track_emails else "off"

    @api.depends("tracking_quiet_from", "tracking_quiet_to")
    def _compute_tracking_quiet(self):
        for user in self:
            user.tracking_quiet = user.tracking_quiet_from != user.tracking_quiet_to

    def _inverse_tracking_quiet(self):
        for user in self:
            user.update(user._prepare_tracking_quiet())

    @api.onchange("tracking_quiet")
    def _onchange_tracking_quiet(self):
        self.update(self._prepare_tracking_quiet())

    def _prepare_tracking_quiet(self):
        """Return the times that make quiet hours be on or off, as the box says.

        :return: new values; none if the times agree with the box
        :rtype: dict
        """
        has_hours = self.tracking_quiet_from != self.tracking_quiet_to
        if self.tracking_quiet == has_hours:
            return {}
        start, end = (QUIET_FROM, QUIET_TO) if self.tracking_quiet else (0, 0)
        return {"tracking_quiet_from": start, "tracking_quiet_to": end}

    @api.constrains("tracking_quiet_from", "tracking_quiet_to")
    def _check_tracking_quiet(self):
        for user in self:
            start, end = user.tracking_quiet_from, user.tracking_quiet_to
            if not (0 <= start <= 24 and 0 <= end <= 24):
                raise ValidationError(
                    self.env._("Enter quiet hours between 0:00 and 24:00.")
                )
            if {start, end} == {0, 24}:
                raise ValidationError(
                    self.env._(
                        "Quiet hours cannot last all day. To turn notifications off,"
                        " set “Notify me about opens and clicks” to Off."
                    )
                )

    def _get_tracking_quiet_end(self, now):
        """Return when the current quiet hours end; None outside quiet hours.

        :param datetime now: UTC, naive
        :rtype: datetime | None
        """
        self.ensure_one()
        return quiet_hours.find_end(
            now,
            self._get_tracking_zone(),
            self.tracking_quiet_from,
            self.tracking_quiet_to,
        )

    def _get_tracking_zone(self):
        """Return the user's time zone, or UTC if it is not set or unknown.

        :rtype: pytz.BaseTzInfo
        """
        try:
            return pytz.timezone(self.tz or "UTC")
        except pytz.UnknownTimeZoneError:  # a name from another time zone database
            return pytz.utc

    @api.model
    def _init_store_data(self, store):
        result = super()._init_store_data(store)
        if self.env.user._is_internal():
            user = self.env.user
            store.add_global_values(
                tracksEmails=user.track_emails, trackingNotice=user.tracking_notice
            )
        return result
