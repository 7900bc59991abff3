from odoo import api, fields, models

from ..fields import UnenforcedMany2one
from ..tools import actors, device, signs


class TrackableEmailAction(models.Model):
    """An open, a click or a download by an actor: the meaning of a hit. Or an inferred
    open: no image was loaded, but a click, a download or a reply implies an open.

    Fields that hold the state of an action, and the methods that change them:

    ===================== ================================== ========================
    field                 set by                             changed by
    ===================== ================================== ========================
    actor, reason,        `_prepare_action_values`; for      `_correct`
    confidence, signs     inferred opens
                          `_prepare_inferred_open_values`
    is_repeat             `_mark_repeats`                    `_mark_repeats`,
                                                             `_correct`
    is_counted            computed from `actor`, `is_repeat` with them
    is_part               `_prepare_action_values`           `_merge_download_parts`
    hit_count             `_create_folded`                   `_create_folded`
    link_tracker_click_id `_create_link_clicks`              `_sync_link_clicks`,
                                                             `_anonymize_requests`
    ip, user_agent,       `_prepare_action_values`           `_anonymize_requests`
    browser, platform,
    country_id, city
    ===================== ================================== ========================

    `_replace_actions_by_totals` deletes actions, and `_sync_inferred_opens` deletes
    inferred opens.
    """

    _name = "trackable.email.action"
    _inherit = "missing.record.mixin"
    _description = "Trackable Email Action"
    _order = "occurred_at desc, id desc"

    trackable_email_id = fields.Many2one(
        "trackable.email",
        "Email",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    kind = fields.Selection(
        [
            (actors.OPEN, "Open"),
            (actors.CLICK, "Click"),
            (actors.DOWNLOAD, "Download"),
        ],
        required=True,
        readonly=True,
    )
    actor = fields.Selection(
        [
            (actors.RECIPIENT, "Recipient"),
            (actors.UNKNOWN, "Possible"),
            (actors.MACHINE, "Automated"),
            (actors.INTERNAL, "Colleague"),
        ],
        required=True,
        readonly=True,
        help="Recipient: a person, counted. Possible: the image was loaded, perhaps by"
        " a program. Automated: a security scanner, a crawler or another program."
        " Colleague: an internal user.",
    )
    reason = fields.Selection(
        [
            ("direct", "Looks like a person"),
            ("mail-client", "Comes from a common email client"),
            ("known-app", "Comes from a browser or an app that people use"),
            ("gmail-proxy", "Gmail loads images when the email is opened"),
            ("yahoo-proxy", "Yahoo loads images when the email is opened"),
            ("image-proxy", "The email provider loads images when the email is opened"),
            ("inferred", "Inferred from a click, a download or a reply"),
            ("apple-mpp", "Apple Mail loads images even if nobody opens the email"),
            ("session", "Logged in to Odoo as an internal user"),
            ("own-network", "Comes from a company network"),
            ("known-device", "Comes from a device that a colleague uses in Odoo"),
            ("head", "Checked that the link or image exists, without loading it"),
            ("expired", "Details of the request were deleted before processing"),
            ("no-user-agent", "Does not name its browser or email client"),
            ("prefetch", "Loaded in advance, before a person looks at it"),
            ("gmail-prefetch", "Gmail loads some images in advance"),
            ("bing-preview", "Microsoft creates a preview of the link"),
            ("barracuda", "The security scanner Barracuda checks the link"),
            ("scanner-network", "Comes from a network of security scanners"),
            ("crawler", "Comes from a program that reads web pages automatically"),
            ("ai-assistant", "An AI assistant reads the page"),
            ("security-scanner", "A security scanner checks the link"),
            ("automation-tool", "Comes from a browser that a program controls"),
            ("self-named", "Says that it is a program, not a browser"),
            ("http-tool", "Comes from a program without a browser"),
            ("too-soon", "Too soon after sending, and not from a browser"),
            ("at-delivery", "Loaded before anybody could have opened the email"),
            ("burst", "Several links followed at once, as security scanners do"),
            ("slow-scan", "Every link followed in turn, as security scanners do"),
            ("many-emails", "Emails to several people opened at once"),
            ("checked-first", "The same program checked the link just before"),
            ("doubled", "Another program repeated a click just after a person"),
            ("decoy", "The program followed a hidden link that no person can see"),
            ("signs", "Several signs of a program come together"),
        ],
        readonly=True,
    )
    confidence = fields.Selection(
        [
            (signs.LOW, "Uncertain"),
            (signs.MEDIUM, "Likely"),
            (signs.HIGH, "Certain"),
        ],
        readonly=True,
        help="How sure it is that the action was made by this actor. Certain: a proof,"
        " or signs that agree. Likely: no sign contradicts the actor, or people can"
        " also cause the reason. Uncertain: signs that contradict each other, or a"
        " possible action.",
    )
    # Codes of `tools.signs`, separated by commas.
    signs = fields.Char("Sign Codes", readonly=True, groups=fields.NO_ACCESS)
    signs_text = fields.Char(
        "Signs",
        compute="_compute_signs_text",
        help="Signs of a person, and signs of a program.",
    )
    client_ids = fields.One2many(
        "trackable.client", "action_id", readonly=True, groups=fields.NO_ACCESS
    )
    why = fields.Char(
        compute="_compute_why",
        help="Reason why the action is attributed to this actor.",
    )
    is_repeat = fields.Boolean(
        "Repeat",
        readonly=True,
        help="The same open, loaded again within seconds, or another part of the same"
        " download. Repeats are not counted.",
    )
    # Counters, chatter entries, notifications and statistics count these actions.
    is_counted = fields.Boolean(
        "Counted",
        compute="_compute_is_counted",
        store=True,
        precompute=True,  # otherwise an UPDATE follows the INSERT of each action
        help="Made by the recipient, and not a repeat.",
    )
    is_part = fields.Boolean(
        "Partial Download",
        readonly=True,
        help="Only parts of the file were requested, never the whole file.",
    )
    hit_count = fields.Integer(
        "Requests",
        default=1,
        readonly=True,
        aggregator="sum",
        help="Number of identical requests that this action stands for. They count"
        " once.",
    )
    trackable_link_id = fields.Many2one(
        "trackable.link",
        "Link",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    # The click in Odoo's link tracker that was created for this action.
    link_tracker_click_id = UnenforcedMany2one("link.tracker.click", readonly=True)
    occurred_at = fields.Datetime("Date", required=True, readonly=True, index=True)
    ip = fields.Char("IP Address", readonly=True)
    user_agent = fields.Char(readonly=True)
    browser = fields.Char("Browser or Email Client", readonly=True)
    platform = fields.Char(readonly=True)
    device = fields.Char(compute="_compute_device")
    country_id = fields.Many2one("res.country", readonly=True, index="btree_not_null")
    city = fields.Char(readonly=True)
    place = fields.Char("Location", compute="_compute_place")
    user_id = fields.Many2one(
        "res.users",
        "Colleague",
        readonly=True,
        index="btree_not_null",
        help="Colleague who made the request, if known.",
    )

    recipient_name = fields.Char(related="trackable_email_id.recipient_name")

    # Fields to search and group by.
    partner_id = UnenforcedMany2one(related="trackable_email_id.partner_id")
    sender_id = UnenforcedMany2one(related="trackable_email_id.user_id")
    mailing_id = UnenforcedMany2one(related="trackable_email_id.mailing_id")
    template_id = UnenforcedMany2one(related="trackable_email_id.template_id")

    _email_date_idx = models.Index("(trackable_email_id, occurred_at)")

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        for email, email_actions in actions.grouped("trackable_email_id").items():
            oldest = min(email_actions.mapped("occurred_at"))
            # sudo: trackable.email - no user has write access
            email_sudo = email.sudo()
            oldest_before = email_sudo.oldest_action_date
            if not oldest_before or oldest < oldest_before:
                email_sudo.oldest_action_date = oldest
        return actions

    @api.depends("kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for action in self:
            action.display_name = kinds.get(action.kind)

    @api.depends("reason", "is_repeat", "kind")
    def _compute_why(self):
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        for action in self:
            if action.is_repeat and action.kind == actors.DOWNLOAD:
                action.why = self.env._(
                    "Another part of the same download: not counted again"
                )
            elif action.is_repeat:
                action.why = self.env._(
                    "Loaded again within seconds: not counted again"
                )
            else:
                action.why = reasons.get(action.reason)

    @api.depends("signs")
    def _compute_signs_text(self):
        texts = self._get_sign_texts()
        for action in self:
            # sudo: trackable.email.action - the texts do not identify anybody
            codes = action.sudo()._get_signs()
            action.signs_text = " · ".join(
                texts[code] for code in codes if code in texts
            )

    def _get_sign_texts(self):
        """Return what users read about the signs of `tools.signs`.

        An override adds the texts of further signs.

        :rtype: dict[str, str]
        """
        return {
            signs.AT_ONCE: self.env._("Within 20 seconds after sending"),
            signs.SOON: self.env._("Within a minute after sending"),
            signs.LATER: self.env._("More than 5 minutes after sending"),
            signs.OLD_BROWSER: self.env._("The browser is several years old"),
            signs.NO_SYSTEM: self.env._("Names no operating system"),
            signs.CLOUD_NETWORK: self.env._("Comes from a data center"),
            signs.FILTER_NETWORK: self.env._("Comes from a provider of email filters"),
            signs.OPENED_BEFORE: self.env._("The email was opened before"),
            signs.OPENED_ELSEWHERE: self.env._("Opened before in another network"),
            signs.NO_TIME: self.env._("Less than a second after the open"),
            signs.REPEATED_BY_OTHER: self.env._(
                "Another program had used the same link before"
            ),
            signs.NOT_OPENED: self.env._("No open by a person shortly before"),
            signs.OTHER_SYSTEM: self.env._("Opened on another operating system"),
            signs.USED_AFTER: self.env._("A link or file was used shortly after"),
        }

    @api.depends("browser", "platform")
    def _compute_device(self):
        for action in self:
            action.device = ", ".join(
                device.NAMES.get(word, word[:1].upper() + word[1:])
                for word in (action.browser, action.platform)
                if word
            )

    @api.depends("city", "country_id")
    def _compute_place(self):
        for action in self:
            words = [action.city, action.country_id.name]
            action.place = ", ".join(word for word in words if word)
