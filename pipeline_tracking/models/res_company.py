"""Store the tracking settings of each company (extends res.company)."""

from collections import namedtuple
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import address, consent, networks, signs
from ..tools.hit_hold_sql import HOLD_SECONDS

REPEAT_SECONDS = 10
EARLY_SECONDS = 2  # docs/field.md#too-soon
MAX_SETTING_SECONDS = 3600
KEEP_MONTHS = 12
MAX_MONTHS = 120
# A change of `count_possible_opens` updates the statistics of mailings sent within
# these days.
RECENT_DAYS = 90

# The settings that also apply to emails already sent, by `_get_tracking_settings`.
TrackingSettings = namedtuple(
    "TrackingSettings",
    [
        "is_tracking_allowed",
        "count_possible_opens",
        "tracking_hold_seconds",
        "tracking_repeat_seconds",
        "tracking_early_seconds",
        "tracking_own_networks",
        "tracking_scanner_networks",
        "tracking_notice_confidence",
        "tracking_consent_mode",
        "tracking_keep_ip",
        "tracking_keep_user_agent",
        "tracking_keep_place",
    ],
)
# The key of the settings in the cache of a transaction's cursor. Odoo empties this
# cache with the cache of records, at a commit and a rollback; `write` removes the
# settings.
SETTINGS_CACHE = "pipeline_tracking.settings"


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "referenced.record.mixin"]

    is_tracking_allowed = fields.Boolean(
        "Track Emails",
        default=True,
        help="Track opens, clicks and downloads of emails. When off, nothing is"
        " recorded, including for emails already sent. Their links still work.",
    )
    track_emails_by_default = fields.Boolean(
        "Track New Emails by Default",
        default=True,
        help="Turn on the Tracked button in new emails. Users can choose another"
        " default in their preferences.",
    )
    track_mailings = fields.Boolean(
        default=True,
        help="Track opens and clicks of mailings. When off, new mailings are not"
        " tracked at all, and Email Marketing shows no opens or clicks of them.",
    )
    track_decoy_link = fields.Boolean(
        "Add a Decoy Link to Mailings",
        help="Add a link that no person can see to each copy of a mailing. A program"
        " that follows the link, such as a security scanner, is recognized: its opens"
        " and clicks within a minute before or after are automated.",
    )
    track_several_recipients = fields.Boolean(
        "Track Emails to Several Recipients",
        help="Also track emails to several people outside the company. Each"
        " contact's copy is tracked separately. A Cc or Bcc copy, or one copy"
        " for several addresses, is never tracked.",
    )
    tracking_domain = fields.Char(
        help="Use a separate domain for tracked links and images, such as"
        " links.example.com. It must point to this server and have a TLS certificate."
        " Leave empty to use Odoo's own address.",
    )
    attach_tracked_files = fields.Boolean(
        "Send Files as Attachments",
        help="Send files as normal attachments instead of tracked links. Their"
        " downloads are then not recorded.",
    )
    track_address_links = fields.Boolean(
        "Track Links That Show a Web Address",
        default=True,
        help="Also track links whose text is a web address, such as www.example.com."
        " Some email clients show a warning when such a link is tracked. When off,"
        " these links are left unchanged.",
    )

    count_possible_opens = fields.Boolean(
        "Count Possible Opens of Mailings",
        default=True,
        help="Let Email Marketing count possible opens as opens. In a possible open, an"
        " email client such as Apple Mail loads the image automatically, so nobody"
        " knows whether a person read the email. A second mailing to people who did"
        " not open the first then leaves these recipients out. Email Tracking always"
        " shows possible opens separately.",
    )

    tracking_hold_seconds = fields.Integer(
        "Wait before Counting a Click",
        default=HOLD_SECONDS,
        help="Count clicks after this many seconds, to rule out security scanners. The"
        " recipient is redirected immediately.",
    )
    tracking_repeat_seconds = fields.Integer(
        "Merge Repeated Opens within",
        default=REPEAT_SECONDS,
        help="Count repeated opens from the same device within this many seconds as one"
        " open.",
    )
    tracking_early_seconds = fields.Integer(
        "Treat Clicks as Automated within",
        default=EARLY_SECONDS,
        help="Treat clicks within this many seconds after sending as automated, unless"
        " they come from a browser.",
    )
    tracking_own_networks = fields.Text(
        "Company Networks",
        groups="base.group_system",
        help="Attribute opens and clicks from these networks to colleagues, not to"
        " recipients. Enter one network per line, such as 192.0.2.0/24 or"
        " 2001:db8::/48.",
    )

    tracking_scanner_networks = fields.Text(
        "Scanner Networks",
        groups="base.group_system",
        help="Treat opens and clicks from these networks as automated, in addition to"
        " the published networks of security scanners. Enter one network per line, such"
        " as 192.0.2.0/24 or 2001:db8::/48.",
    )
    tracking_notice_confidence = fields.Selection(
        [
            (signs.HIGH, "Certain"),
            (signs.MEDIUM, "Certain or likely"),
            (signs.LOW, "Certain, likely or uncertain"),
        ],
        "Notify Senders about",
        default=signs.MEDIUM,
        required=True,
        help="Notify senders about an open, click or download only if it is sure enough"
        " that the recipient made it. All of them are counted and shown in any case.",
    )

    # The state of the first steps: see `trackable.setup`.
    tracking_setup = fields.Json(groups=fields.NO_ACCESS)

    # ------------------------------------------------------------
    # Privacy
    # ------------------------------------------------------------

    tracking_consent_mode = fields.Selection(
        [
            (consent.UNLESS_OBJECTED, "Unless they opted out"),
            (consent.WHEN_AGREED, "Only if they agreed"),
        ],
        "Track Recipients",
        default=consent.UNLESS_OBJECTED,
        required=True,
        help="If recipients must agree first, emails to recipients who have not agreed"
        " are not tracked. For mailings, the opens of these recipients are only"
        " counted in total, without recording who opened. Record consent in the field"
        " Email Tracking of contacts and mailing contacts.",
    )
    tracking_objection_link = fields.Boolean(
        "Opt-out Link",
        help="Add a link to tracked emails that lets recipients opt out of"
        " tracking. After they opt out, they still receive emails, but no"
        " email to them is tracked, including emails already sent.",
    )
    honour_privacy_control = fields.Boolean(
        "Respect Global Privacy Control",
        help="Do not record requests from browsers that send the Global Privacy"
        " Control signal. Email clients do not send this signal, so the"
        " setting mostly affects clicks.",
    )
    tracking_keep_ip = fields.Selection(
        [
            ("none", "No"),
            ("truncated", "Truncated"),
            ("full", "In full"),
        ],
        "Store IP Addresses",
        default="none",
        required=True,
        help="Store the IP address of each open, click and download. Truncated"
        " addresses show the network, but not the individual computer.",
    )
    tracking_keep_user_agent = fields.Boolean(
        "Store Devices",
        default=True,
        help="Store the browser or email client and the operating system of each open,"
        " click and download.",
    )
    tracking_keep_place = fields.Boolean(
        "Store Locations",
        default=True,
        help="Store the country and city of each open, click and download. This"
        " requires a GeoIP database on the server.",
    )
    tracking_keep_months = fields.Integer(
        "Delete Opens and Clicks after",
        default=KEEP_MONTHS,
        help="Delete the opens, clicks and downloads of each email after this many"
        " months, with its chatter entries and inbox notifications. Totals"
        " remain. Enter 0 to never delete opens and clicks.",
    )

    @api.constrains("tracking_keep_months")
    def _check_tracking_keep_months(self):
        for company in self:
            if not 0 <= company.tracking_keep_months <= MAX_MONTHS:
                raise ValidationError(
                    self.env._(
                        "The number of months is out of range. Enter 1 to %s, or 0 to"
                        " never delete opens and clicks.",
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
                if not 0 <= company[name] <= MAX_SETTING_SECONDS:
                    raise ValidationError(
                        self.env._(
                            "“%(setting)s” is out of range. Enter 0 to %(maximum)s"
                            " seconds.",
                            setting=company._fields[name]._description_string(self.env),
                            maximum=MAX_SETTING_SECONDS,
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
                        "Recipients cannot reach the tracking domain %(domain)s. Enter"
                        " a public host name such as links.example.com, without"
                        " https://",
                        domain=domain,
                    )
                )

    def _get_tracking_url(self, base_url):
        """Return the base URL of tracked URLs in the company's emails, without a slash
        at the end. The company's tracking domain, if set, replaces the host.

        :param str base_url: base URL of the email
        :rtype: str
        """
        base_url = base_url.rstrip("/")
        if not self.tracking_domain:
            return base_url
        return f"{urlsplit(base_url).scheme or 'https'}://{self.tracking_domain}"

    def _get_tracking_settings(self):
        """Return the settings of this company, or the defaults for an empty record: an
        email can have no company, or outlive its company.

        The transaction remembers the settings until `write`: processing a request reads
        them several times.

        :rtype: TrackingSettings
        """
        settings = self.env.cr.cache.setdefault(SETTINGS_CACHE, {})
        if self.id not in settings:
            settings[self.id] = self._read_tracking_settings()
        return settings[self.id]

    def _read_tracking_settings(self):
        """See `_get_tracking_settings`."""
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

        :param set[str] addresses: normalized
        :param dict consents: from `trackable.objection._read_consents`
        :rtype: set[str]
        """
        mode = self.tracking_consent_mode
        return {
            email_address
            for email_address in addresses
            if consent.permits(consents[email_address], mode)
        }

    @api.constrains("tracking_own_networks", "tracking_scanner_networks")
    def _check_tracking_networks(self):
        for company in self:
            for name in ("tracking_own_networks", "tracking_scanner_networks"):
                try:
                    networks.parse(company[name])
                except ValueError as error:
                    raise ValidationError(
                        self.env._(
                            "“%(setting)s” is not valid: %(error)s. Enter one network"
                            " per line, such as 192.0.2.0/24 or 2001:db8::/48.",
                            setting=company._fields[name]._description_string(self.env),
                            error=error,
                        )
                    ) from error

    def write(self, vals):
        # The settings page writes all fields, including unchanged fields.
        changed = self.filtered(
            lambda company: (
                bool(vals.get("count_possible_opens", company.count_possible_opens))
                != company.count_possible_opens
            )
        )
        result = super().write(vals)
        self.env.cr.cache.pop(SETTINGS_CACHE, None)
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
        # sudo: trackable.hit - users have no access rights to it
        self.env["trackable.hit"].sudo()._request_processing()
