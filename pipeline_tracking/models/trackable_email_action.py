from collections import Counter, defaultdict
from datetime import datetime
from itertools import chain

import babel.dates

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import get_lang

from ..fields import LooseMany2one
from ..tools import classify, device, flood, timeline

# Fields by which actions are the same, for the bounds on floods. The IP address is not
# one of them: usually none is stored.
_RECORDS = ("trackable_email_id", "trackable_link_id", "user_id")
KIND_OF_REQUEST = (*_RECORDS, "kind", "actor")
IDENTITY = (*KIND_OF_REQUEST, "reason", "user_agent")
# Fields by which requests for a file are of one client.
CLIENT = (*_RECORDS, "actor", "user_agent")
HOUR_FORMAT = "HH:00 dd MMM yyyy"


class TrackableEmailAction(models.Model):
    """What a hit meant: an open, a click or a download, by an actor. Or an open that
    none has shown, and that must have been.
    """

    _name = "trackable.email.action"
    _inherit = ["trackable.loose.mixin", "trackable.told.mixin"]
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
            (classify.OPEN, "Open"),
            (classify.CLICK, "Click"),
            (classify.DOWNLOAD, "Download"),
        ],
        required=True,
        readonly=True,
    )
    actor = fields.Selection(
        [
            (classify.RECIPIENT, "Recipient"),
            (classify.UNKNOWN, "Unclear"),
            (classify.MACHINE, "Machine"),
            (classify.INTERNAL, "Colleague"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Selection(
        [
            ("direct", "Nothing speaks against it"),
            ("mail-client", "A mail program that people use"),
            ("gmail-proxy", "Gmail loads images when the email is opened"),
            ("yahoo-proxy", "Yahoo loads images when the email is opened"),
            ("image-proxy", "A mail provider loads images when the email is opened"),
            ("inferred", "No image was loaded, but what followed shows it"),
            ("apple-mpp", "Apple Mail loads images whether it is opened or not"),
            ("session", "Logged in to Odoo"),
            ("own-network", "From the company's own network"),
            ("known-device", "A device that a colleague works with in Odoo"),
            ("head", "Only asked whether it is there"),
            ("expired", "Processed after the details of the request were deleted"),
            ("no-user-agent", "Does not say what program it is"),
            ("prefetch", "Loaded ahead, not shown to anybody"),
            ("gmail-prefetch", "Gmail loads some images ahead"),
            ("bing-preview", "Microsoft makes a preview of the link"),
            ("barracuda", "Barracuda checks the link"),
            ("google-crawler", "From the network of Google's crawlers"),
            ("crawler", "A program that reads pages by itself"),
            ("too-soon", "Right after sending, by what is no browser"),
            ("burst", "Several links at once, as scanners follow them"),
        ],
        readonly=True,
    )
    why = fields.Char(compute="_compute_why", help="Why this actor.")
    is_repeat = fields.Boolean(
        "Repeat",
        readonly=True,
        help="The same open, loaded again within seconds, or more parts of the same"
        " download: it does not count.",
    )
    is_part = fields.Boolean(
        readonly=True, help="Only parts of the file were asked for, never the whole."
    )
    hit_count = fields.Integer(
        "Requests",
        default=1,
        readonly=True,
        aggregator="sum",
        help="More than one in a flood of the same: it counts once.",
    )
    trackable_link_id = fields.Many2one(
        "trackable.link",
        "Link",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    # Its counterpart among the clicks of Odoo's link trackers, once it has one.
    link_tracker_click_id = LooseMany2one("link.tracker.click", readonly=True)
    occurred_at = fields.Datetime("Date", required=True, readonly=True, index=True)
    ip = fields.Char("IP Address", readonly=True)
    user_agent = fields.Char(readonly=True)
    browser = fields.Char("Browser or Mail Program", readonly=True)
    platform = fields.Char(readonly=True)
    device = fields.Char(compute="_compute_device")
    country_id = fields.Many2one("res.country", readonly=True, index="btree_not_null")
    city = fields.Char(readonly=True)
    place = fields.Char(compute="_compute_place")
    user_id = fields.Many2one(
        "res.users",
        "Colleague",
        readonly=True,
        index="btree_not_null",
        help="The colleague who made the request, if known.",
    )

    # To search and group by.
    partner_id = LooseMany2one(related="trackable_email_id.partner_id")
    sender_id = LooseMany2one(related="trackable_email_id.user_id")
    mailing_id = LooseMany2one(related="trackable_email_id.mailing_id")
    template_id = LooseMany2one(related="trackable_email_id.template_id")

    _email_date_idx = models.Index("(trackable_email_id, occurred_at)")

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        for email, own in actions.grouped("trackable_email_id").items():
            oldest = min(own.mapped("occurred_at"))
            # sudo: trackable.email - nobody has the right to change it
            kept = email.sudo()
            if not kept.oldest_action_date or oldest < kept.oldest_action_date:
                kept.oldest_action_date = oldest
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
            if action.is_repeat and action.kind == classify.DOWNLOAD:
                action.why = self.env._("More parts of the same download: counts once")
            elif action.is_repeat:
                action.why = self.env._("Loaded again within seconds: counts once")
            else:
                action.why = reasons.get(action.reason)

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

    def _get_counting(self):
        """Those that are the recipient's, each once.

        :rtype: TrackableEmailAction
        """
        return self.filtered(
            lambda action: action.actor == classify.RECIPIENT and not action.is_repeat
        )

    def _keep(self, values_list):
        """Create the actions with these values. In a flood, only some are created: the
        other requests are counted with an action of these, or with a new one. A
        download in parts is one action.

        :param list[dict] values_list: of actions on the same trackable emails as these
            actions, which are the ones nearby in time
        :return: the new ones
        :rtype: TrackableEmailAction
        """
        values_list = self._merge_parts(values_list)
        known = [self._prepare_request(values) for values in self._read_requests()]
        new = [self._prepare_request(values) for values in values_list]
        counted_with = flood.fold(known, new)
        counts = Counter(counted_with)
        created = self.create(
            [
                {**values, "hit_count": counts[position]}
                for position, values in enumerate(values_list, len(self))
                if position in counts
            ]
        )
        for position, action in enumerate(self):
            if position in counts:
                action.hit_count += counts[position]
        return created

    def _merge_parts(self, values_list):
        """Leave out the requests that belong to downloads which are recorded already,
        or which others of these requests record: see `timeline.merge_parts`.

        :param list[dict] values_list: as of `_keep`
        :return: those that are left
        :rtype: list[dict]
        """
        numbers = [
            number
            for number, values in enumerate(values_list)
            if values["kind"] == classify.DOWNLOAD
        ]
        if not numbers:
            return values_list
        downloads = self.filtered(lambda action: action.kind == classify.DOWNLOAD)

        def identify(values):
            return tuple(values.get(name) or False for name in CLIENT)

        known = [
            (identify(values), action.occurred_at, action.is_part)
            for action, values in zip(
                downloads, downloads._read_requests(), strict=True
            )
        ]
        new = [
            (identify(values), values["occurred_at"], bool(values.get("is_part")))
            for values in (values_list[number] for number in numbers)
        ]
        merged, whole_ids = set(), []
        positions = timeline.merge_parts(known, new)
        for place, (number, position) in enumerate(
            zip(numbers, positions, strict=True), len(known)
        ):
            if position == place:
                continue
            merged.add(number)
            if values_list[number].get("is_part"):
                continue
            if position < len(known):
                whole_ids.append(downloads[position].id)
            else:
                values_list[numbers[position - len(known)]]["is_part"] = False
        self.browse(whole_ids).write({"is_part": False})
        return [
            values for number, values in enumerate(values_list) if number not in merged
        ]

    @api.model
    def _prepare_request(self, values):
        """Describe an action for the bounds on floods. To be extended.

        :param dict values: as `create` takes them
        :rtype: flood.Request
        """
        return flood.Request(
            values["trackable_email_id"],
            *(
                tuple(values.get(name) or False for name in names)
                for names in (IDENTITY, KIND_OF_REQUEST)
            ),
            values["occurred_at"],
        )

    def _read_requests(self):
        """Read the values that `_prepare_request` takes.

        :return: in the order of these actions
        :rtype: list[dict]
        """
        return [
            {
                **{
                    name: action[name].id if name in _RECORDS else action[name]
                    for name in IDENTITY
                },
                "occurred_at": action.occurred_at,
            }
            for action in self
        ]

    def _reconsider(self, bursts):
        """Correct what was judged before a burst showed itself.

        :param dict bursts: trackable email -> list of `timeline.Burst`
        :return: those that were corrected
        :rtype: TrackableEmailAction
        """
        corrected = defaultdict(list)  # ids: adding to records copies them each time
        for action in self:
            before = classify.Verdict(action.actor, action.reason)
            verdict = classify.reconsider(
                before,
                action.kind,
                action.occurred_at,
                bursts[action.trackable_email_id],
            )
            if verdict != before:
                corrected[verdict].append(action.id)
        for verdict, ids in corrected.items():
            self.browse(ids).write({**verdict._asdict(), "is_repeat": False})
        return self.browse(chain.from_iterable(corrected.values()))

    def _mark_repeats(self, complete_since):
        """Set `is_repeat` on reloads of the previous open, and on further parts of the
        previous download. Actions of machines and colleagues count nowhere, and need
        no mark.

        :param dict complete_since: trackable email -> datetime from which on all of its
            actions are among these
        :return: those whose mark has changed
        :rtype: TrackableEmailAction
        """
        changed = {True: [], False: []}
        for email, own in self.grouped("trackable_email_id").items():
            markable = own.filtered(
                lambda action: action.actor in (classify.RECIPIENT, classify.UNKNOWN)
            ).sorted(lambda action: (action.occurred_at, action.id))
            for kind, window in (
                (classify.OPEN, email._get_repeat_window()),
                (classify.DOWNLOAD, timeline.PART_WINDOW),
            ):
                actions = markable.filtered(
                    lambda action, kind=kind: action.kind == kind
                )
                # An earlier action can be a repeat of one that is not among these.
                since = complete_since.get(email, datetime.max - window) + window
                for action, is_repeat in actions._find_repeats(window):
                    is_known = is_repeat or action.occurred_at >= since
                    if is_known and action.is_repeat != is_repeat:
                        changed[is_repeat].append(action.id)
        for is_repeat, ids in changed.items():
            self.browse(ids).write({"is_repeat": is_repeat})
        return self.browse(chain.from_iterable(changed.values()))

    def _find_repeats(self, window):
        """Tell which of these actions, of one email and kind, repeat the one before. A
        download of a whole file repeats none.

        :param timedelta window: to the one before
        :return: for each action, whether it is one
        :rtype: list[tuple[TrackableEmailAction, bool]]
        """
        repeats = timeline.find_repeats(
            [
                (
                    action.occurred_at,
                    (action.actor, action.user_agent, action.trackable_link_id.id),
                )
                for action in self
            ],
            window,
        )
        return [
            (action, is_repeat and (action.kind == classify.OPEN or action.is_part))
            for action, is_repeat in zip(self, repeats, strict=True)
        ]

    def _anonymize(self):
        """Delete them but for their number, and the chatter entries of their days."""
        Entry = self.env["trackable.email.entry"]
        days = Entry._get_days(self)
        entries = Entry.search(
            [
                ("trackable_email_id", "in", self.trackable_email_id.ids),
                ("day", "in", list({day for _email, day in days})),
            ]
        ).filtered(lambda entry: (entry.trackable_email_id, entry.day) in days)
        messages = entries.mail_message_id
        self.env["trackable.email"]._delete_pushes(messages)
        messages.unlink()
        self.env["trackable.cleared"]._clear(
            SQL("SELECT unnest(%s::integer[])", self.ids)
        )

    # ------------------------------------------------------------
    # Odoo's own statistics
    # ------------------------------------------------------------

    def _make_link_clicks(self):
        """Make their counterparts among the clicks of Odoo's link trackers."""
        if not self:
            return
        clicks = self.env["link.tracker.click"].create(
            [action._prepare_link_click_values() for action in self]
        )
        for action, click in zip(self, clicks, strict=True):
            action.link_tracker_click_id = click
        # Clicks over time are told by it. SQL: the ORM writes none of its own fields.
        self.env.cr.execute(
            SQL(
                """
                UPDATE link_tracker_click SET create_date = action.occurred_at
                  FROM unnest(%s::integer[], %s::timestamp[])
                       AS action (click_id, occurred_at)
                 WHERE link_tracker_click.id = action.click_id
                """,
                clicks.ids,
                self.mapped("occurred_at"),
            )
        )
        clicks.invalidate_recordset(["create_date"])

    def _prepare_link_click_values(self):
        """Values of the click of a link tracker that a click is. To be extended.

        The address it came from is not kept: what an action keeps is enough.

        :rtype: dict
        """
        self.ensure_one()
        email = self.trackable_email_id
        return {
            "link_id": self.trackable_link_id.link_tracker_id.id,
            "country_id": self.country_id.id,
            "mailing_trace_id": email.mailing_trace_id.id,
            "mass_mailing_id": email.mailing_trace_id.mass_mailing_id.id,
        }

    # ------------------------------------------------------------
    # Graphs
    # ------------------------------------------------------------

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
