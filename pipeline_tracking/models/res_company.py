"""Add the settings of tracking (extends res.company)."""

from collections import namedtuple
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import address, consent, networks
from ..tools.hit_hold_sql import HOLD_SECONDS

REPEAT_SECONDS = 10
EARLY_SECONDS = 2  # docs/field.md#too-soon
MAX_SECONDS = 3600
KEEP_MONTHS = 12
MAX_MONTHS = 120
RECENT_DAYS = 90  # in which the statistics of a mailing follow the settings

# The settings of a company for emails already sent: see `_get_tracking_settings`.
TrackingSettings = namedtuple(
    "TrackingSettings",
    [
        "is_tracking_allowed",
        "count_possible_opens",
        "tracking_hold_seconds",
        "tracking_repeat_seconds",
        "tracking_early_seconds",
        "tracking_own_networks",
        "tracking_consent_mode",
        "tracking_keep_ip",
        "tracking_keep_user_agent",
        "tracking_keep_place",
    ],
)


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "referenced.record.mixin"]

    is_tracking_allowed = fields.Boolean(
        "Track Emails",
        default=True,
        help="Off: no email is tracked, whoever asks for it, and nothing more is"
        " recorded of those already sent. Their links keep working.",
    )
    track_emails_by_default = fields.Boolean(
        default=True,
        help="New emails start with Tracked on, for whoever has not chosen otherwise in"
        " the preferences.",
    )
    track_mailings = fields.Boolean(
        default=True,
        help="Off: mailings leave without an image, and their links lead straight on:"
        " Email Marketing then knows of no opens and clicks.",
    )
    track_several_recipients = fields.Boolean(
        help="An email to several contacts is tracked as well, each one's own copy for"
        " itself. What goes to several addresses at once, Cc and Bcc, never is.",
    )
    tracking_domain = fields.Char(
        help="A host name of its own for the links and images in tracked emails, such"
        " as links.example.com, which leads to this Odoo.",
    )
    attach_tracked_files = fields.Boolean(
        "Attach Files to Tracked Emails",
        help="Send the files of tracked emails as ordinary attachments, whose downloads"
        " cannot be seen, instead of as links.",
    )
    track_address_links = fields.Boolean(
        "Track Links Whose Text Is an Address",
        default=True,
        help="Some mail clients warn when the text of a link is an address and the link"
        " leads to another one first, as tracked links do.",
    )

    count_possible_opens = fields.Boolean(
        "Count Possible Opens of Mailings",
        default=True,
        help="What loads images whether a person reads the email or not, such as Apple"
        " Mail, counts as opened in the statistics of Email Marketing: a mailing to"
        " those who did not open spares them.",
    )

    tracking_hold_seconds = fields.Integer(
        "Hold Clicks for",
        default=HOLD_SECONDS,
        help="Seconds in which a scanner that follows every link can show itself,"
        " before a click counts as the recipient's. The recipient never waits.",
    )
    tracking_repeat_seconds = fields.Integer(
        "Same Open within",
        default=REPEAT_SECONDS,
        help="Seconds in which the same person loading the email again is one open.",
    )
    tracking_early_seconds = fields.Integer(
        "Too Soon within",
        default=EARLY_SECONDS,
        help="Seconds after an email was handed over in which hardly a person can"
        " follow its links. With a second sign, whoever does is a machine.",
    )
    tracking_own_networks = fields.Text(
        "Own Networks",
        groups="base.group_system",
        help="Networks that colleagues work in, such as 192.0.2.0/24 or 2001:db8::/48."
        " What comes from there is not the customer's.",
    )

    # ------------------------------------------------------------
    # Privacy
    # ------------------------------------------------------------

    tracking_consent_mode = fields.Selection(
        [
            (consent.UNLESS_OBJECTED, "Unless they objected"),
            (consent.WHEN_AGREED, "Only when they agreed"),
        ],
        "Track Recipients",
        default=consent.UNLESS_OBJECTED,
        required=True,
        help="Only when they agreed: of who has not, opens of mailings are counted"
        " without a person, and nothing else is.",
    )
    tracking_objection_link = fields.Boolean(
        "Objection Link",
        help="Tracked emails end with a link by which the recipient can object to being"
        " tracked, and goes on getting emails.",
    )
    honour_privacy_control = fields.Boolean(
        "Honour Global Privacy Control",
        help="What comes from a browser that sends this signal is not recorded.",
    )
    tracking_keep_ip = fields.Selection(
        [
            ("none", "Not at all"),
            ("truncated", "Truncated"),
            ("full", "In full"),
        ],
        "Keep IP Addresses",
        default="none",
        required=True,
        help="Truncated: without what tells one computer from its neighbours.",
    )
    tracking_keep_user_agent = fields.Boolean(
        "Keep Programs",
        default=True,
        help="Which browser or mail program, on which system.",
    )
    tracking_keep_place = fields.Boolean(
        "Keep Places",
        default=True,
        help="Country and city, where Odoo has a GeoIP database.",
    )
    tracking_keep_months = fields.Integer(
        "Keep Actions for",
        default=KEEP_MONTHS,
        help="Months after which opens, clicks and downloads are deleted, with what the"
        " chatter tells of them. Their numbers stay. 0: they are kept for ever.",
    )

    @api.constrains("tracking_keep_months")
    def _check_tracking_keep_months(self):
        for company in self:
            if not 0 <= company.tracking_keep_months <= MAX_MONTHS:
                raise ValidationError(
                    self.env._(
                        "Keep actions for 1 to %s months, please, or 0: for ever.",
                        MAX_MONTHS,
                    )
                )

    @api.constrains(
        "tracking_hold_seconds", "tracking_repeat_seconds", "tracking_early_seconds"
    )
    def _check_tracking_seconds(self):
        names = (
            "tracking_hold_seconds",
            "tracking_repeat_seconds",
            "tracking_early_seconds",
        )
        for company in self:
            for name in names:
                if not 0 <= company[name] <= MAX_SECONDS:
                    raise ValidationError(
                        self.env._(
                            "%(setting)s: from 0 to %(maximum)s seconds, please.",
                            setting=company._fields[name]._description_string(self.env),
                            maximum=MAX_SECONDS,
                        )
                    )

    @api.constrains("tracking_domain")
    def _check_tracking_domain(self):
        for company in self:
            domain = company.tracking_domain
            if domain and not (
                address.is_host_name(domain)
                and (
                    address.is_public_url(f"https://{domain}")
                    or self.env["mail.message"]._is_private_url_allowed()
                )
            ):
                raise ValidationError(
                    self.env._(
                        "Tracking domain: %(domain)s is no host name that customers can"
                        " reach. Write one such as links.example.com, without https://",
                        domain=domain,
                    )
                )

    def _get_tracking_url(self, base_url):
        """Return the address that tracked URLs in the company's emails begin with,
        without a slash at the end: its tracking domain, if it has one.

        :param str base_url: of the email
        :rtype: str
        """
        base_url = base_url.rstrip("/")
        if not self.tracking_domain:
            return base_url
        return f"{urlsplit(base_url).scheme or 'https'}://{self.tracking_domain}"

    def _get_tracking_settings(self):
        """Return the settings of this company, or the defaults if there is none: an
        email can have no company, or outlive it.

        :rtype: TrackingSettings
        """
        # sudo: res.company - the settings hold for every user
        company = self.sudo()
        if company:
            return TrackingSettings(
                *(company[name] for name in TrackingSettings._fields)
            )
        defaults = (company._fields[name].default for name in TrackingSettings._fields)
        return TrackingSettings(
            *(default(company) if default else False for default in defaults)
        )

    def _get_addresses_to_track(self, addresses, consents):
        """Return the addresses whose owners may be tracked.

        :param set[str] addresses: normalised
        :param dict consents: as `trackable.objection._read_consents` gives them
        :rtype: set[str]
        """
        mode = self.tracking_consent_mode
        return {
            email_address
            for email_address in addresses
            if consent.permits(consents[email_address], mode)
        }

    @api.constrains("tracking_own_networks")
    def _check_tracking_own_networks(self):
        for company in self:
            try:
                networks.parse(company.tracking_own_networks)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Own networks: %(error)s. Write networks such as 192.0.2.0/24"
                        " or 2001:db8::/48, one a line.",
                        error=error,
                    )
                ) from error

    def write(self, vals):
        # Odoo's settings write all fields, also those that did not change.
        changed = self.filtered(
            lambda company: (
                bool(vals.get("count_possible_opens", company.count_possible_opens))
                != company.count_possible_opens
            )
        )
        result = super().write(vals)
        if changed:
            changed._mark_traces_due()
        return result

    def _mark_traces_due(self):
        """Schedule the update of the statistics of recent mailings after a change of
        `count_possible_opens`.
        """
        emails = self.env["trackable.email"]
        emails.flush_model()
        # SQL: a mailing can have a hundred thousand trackable emails.
        self.env.cr.execute(
            """
            UPDATE trackable_email SET is_trace_due = TRUE
             WHERE company_id = ANY(%s) AND mailing_trace_id IS NOT NULL
               AND unknown_open_count > 0 AND is_trace_due IS NOT TRUE
               AND sent_date > %s
            """,
            [self.ids, fields.Datetime.now() - timedelta(days=RECENT_DAYS)],
        )
        emails.invalidate_model(["is_trace_due"])
        # sudo: trackable.hit - nobody has access rights to it
        self.env["trackable.hit"].sudo()._request_processing()
