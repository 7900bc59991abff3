from collections import Counter, defaultdict, namedtuple
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ...tools import classify, device, flood, networks
from ...tools.bursts import LinkRequest, find_bursts
from ...tools.repeats import follow_parts

DEVICE_DAYS = 30  # how long a device of a colleague is known
# How far back earlier actions are looked at: a run of requests is rarely longer.
LOOK_BACK = flood.WINDOW
# How many actions of one trackable email are looked at for new hits on it: opens; and
# clicks and downloads, which can be of more kinds (`flood.Request`), one for each link.
MAX_OPENS = flood.LIMIT_OF_EMAIL
MAX_FOLLOWED = 2 * flood.LIMIT_OF_EMAIL

# What a hit means. `kind`: of the action. `link`: where it led, if that is still there.
# `classification`: a `classify.Classification`. `colleague`: who made the request, if
# it was one known colleague.
ClassifiedHit = namedtuple("ClassifiedHit", "kind link classification colleague")


class TrackableHit(models.Model):
    """Classify hits, each by itself and all together (extends trackable.hit)."""

    _inherit = "trackable.hit"

    def _process_hits(self, held):
        """Turn hits into actions, correct those of before that they show in another
        light, and have all of it counted and shown.

        :param TrackableHit held: others of the same trackable emails, which are not
            processed yet, but can show what these mean
        """
        hits = self
        self, held = self._leave_out_unwanted(held)
        self = self._count_anonymous()
        replies = self.filtered("is_reply")
        requests = self - replies
        classified = (requests | held)._classify_hits()
        history, complete_since = requests._read_history()
        parts = self._follow_parts(classified, history)
        bursts = self._find_bursts(classified, history, parts)
        corrected = history._reclassify(bursts)
        # Every request has been looked at by now: a flood hides no burst.
        actions = history._create_folded(
            requests._prepare_actions_values(classified, bursts, parts)
        )
        corrected |= (history | actions)._mark_repeats(complete_since)
        replies._note_replies()
        self.trackable_email_id._recompute_counters(
            actions.filtered("is_counted") | corrected
        )
        # In the transaction that stored what they meant, and in no other.
        hits.unlink()

    def _leave_out_unwanted(self, held):
        """Those that may be recorded: not of emails that are not tracked any more, for
        whatever reason.

        :param TrackableHit held: others of the same trackable emails
        :rtype: tuple[TrackableHit, TrackableHit]
        """
        unwanted = self.trackable_email_id._filter_no_longer_tracked()
        return tuple(
            hits.filtered(lambda hit: hit.trackable_email_id not in unwanted)
            for hits in (self, held)
        )

    def _count_anonymous(self):
        """Count the opens that are nobody's, of a mailing.

        :return: the others
        :rtype: TrackableHit
        """
        anonymous = self.filtered("trackable_email_id.is_anonymous")
        classified = anonymous._classify_hits() if anonymous else {}
        for email, own in anonymous.grouped("trackable_email_id").items():
            actors = Counter(classified[hit].classification.actor for hit in own)
            email.open_count += actors[classify.RECIPIENT]
            email.unknown_open_count += actors[classify.UNKNOWN]
            email.raw_open_count += len(own)
        return self - anonymous

    # ------------------------------------------------------------
    # Each by itself
    # ------------------------------------------------------------

    def _classify_hits(self):
        """What each hit means by itself.

        :rtype: dict[TrackableHit, ClassifiedHit]
        """
        existing_link_ids = frozenset(self.trackable_link_id.exists().ids)
        colleagues = self.user_id.exists().filtered(lambda user: not user.share)
        users_by_device = self._get_users_by_device()
        classified = {}
        for hit in self:
            kind, link = hit._get_kind_and_link(existing_link_ids)
            by_session = hit.user_id & colleagues
            by_device = users_by_device.get(hit._get_device_key(), colleagues.browse())
            classification = hit._classify(
                kind, has_session=bool(by_session), is_known_device=bool(by_device)
            )
            colleague = by_session or by_device
            if classification.actor != classify.INTERNAL or len(colleague) > 1:
                colleague = colleagues.browse()  # one of several: not known, which
            classified[hit] = ClassifiedHit(kind, link, classification, colleague)
        return classified

    def _get_kind_and_link(self, existing_link_ids):
        """Which kind of action a hit is, and where it led, if that is still there.

        :param frozenset[int] existing_link_ids:
        :rtype: tuple[str, TrackableLink]
        """
        self.ensure_one()
        link = self.trackable_link_id
        if not link:
            return classify.OPEN, link
        if link.id not in existing_link_ids:
            return classify.CLICK, link.browse()
        return classify.DOWNLOAD if link.is_file else classify.CLICK, link

    def _classify(self, kind, **facts):
        """Who made a request, by itself. To be extended by a module that knows better.

        :param str kind: of the action
        :param facts: more of `classify.Facts`
        :rtype: classify.Classification
        """
        self.ensure_one()
        return classify.classify(kind, **self._prepare_facts(), **facts)

    def _prepare_facts(self):
        """What is known of a request, for `classify.Facts`.

        :rtype: dict
        """
        self.ensure_one()
        email = self.trackable_email_id
        sent, settings = email.sent_date, email._get_tracking_settings()
        since_sent = (self.occurred_at - sent).total_seconds() if sent else None
        return {
            "method": self.method or "",
            "user_agent": self.user_agent or "",
            "purpose": self.purpose or "",
            "ip": self.ip or "",
            "own_networks": networks.read(settings.tracking_own_networks or ""),
            "seconds_since_sent": since_sent,
            "early_seconds": settings.tracking_early_seconds,
            "is_incomplete": self.are_details_deleted,
        }

    def _get_device_key(self):
        """Address, browser and platform, as Odoo's log of devices has them."""
        self.ensure_one()
        return (self.ip, *device.read(self.user_agent or ""))

    def _get_users_by_device(self):
        """Internal users who lately worked from the addresses of these hits.

        :return: address, browser and platform -> users
        :rtype: dict[tuple[str, str, str], res.users]
        """
        ips = set(self.mapped("ip")) - {False, ""}
        if not ips:
            return {}
        since = fields.Datetime.now() - timedelta(days=DEVICE_DAYS)
        groups = self.env["res.device.log"]._read_group(
            [
                ("ip_address", "in", list(ips)),
                ("last_activity", ">=", since),
                ("user_id.share", "=", False),
                ("user_id.active", "=", True),
            ],
            ["ip_address", "browser", "platform"],
            ["user_id:recordset"],
        )
        return {
            (ip, browser or "", platform or ""): users
            for ip, browser, platform, users in groups
            if browser or platform
        }

    # ------------------------------------------------------------
    # All together
    # ------------------------------------------------------------

    def _read_history(self):
        """Read the actions near these hits: they can reveal a burst, be corrected by
        one, or be the same as a hit in a flood.

        A hit costs the same however many actions there are: of each trackable email the
        last `MAX_OPENS` opens and the last `MAX_FOLLOWED` other actions are read.

        :return: the actions; trackable email -> datetime from which on all of its
            actions are among them
        :rtype: tuple[TrackableEmailAction, dict[TrackableEmail, datetime]]
        """
        complete_since, spans = {}, []
        for email, hits in self.grouped("trackable_email_id").items():
            dates = hits.mapped("occurred_at")
            margin = LOOK_BACK + email._get_repeat_window()
            complete_since[email] = min(dates) - margin
            spans.append((email.id, complete_since[email], max(dates) + margin))
        Action = self.env["trackable.email.action"]
        if not spans:
            return Action, complete_since
        Action.flush_model()
        ids, since, until = (list(column) for column in zip(*spans, strict=True))
        # SQL: each trackable email has a span of its own.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT action.id
                  FROM unnest(%s::integer[], %s::timestamp[], %s::timestamp[])
                       AS span (email_id, since, until)
                 CROSS JOIN (VALUES (TRUE, %s), (FALSE, %s)) AS part (is_open, size)
                 CROSS JOIN LATERAL (
                        SELECT id FROM trackable_email_action
                         WHERE trackable_email_id = span.email_id
                           AND occurred_at BETWEEN span.since AND span.until
                           AND reason != %s AND (kind = %s) = part.is_open
                         ORDER BY occurred_at DESC, id DESC LIMIT part.size) AS action
                """,
                *(ids, since, until, MAX_OPENS, MAX_FOLLOWED),
                *(classify.INFERRED, classify.OPEN),
            )
        )
        history = Action.browse(action_id for (action_id,) in rows)
        sizes = {True: MAX_OPENS, False: MAX_FOLLOWED}
        for (email, is_open), actions in history.grouped(
            lambda action: (action.trackable_email_id, action.kind == classify.OPEN)
        ).items():
            if len(actions) >= sizes[is_open]:
                since = min(actions.mapped("occurred_at"))
                complete_since[email] = max(since, complete_since[email])
        return history, complete_since

    def _follow_parts(self, classified, history):
        """Tell which requests for files only go on with a download.

        :rtype: dict[TrackableHit | TrackableEmailAction, Part]
        """
        requests = [
            (hit, judged.link)
            for hit, judged in classified.items()
            if judged.kind == classify.DOWNLOAD
        ]
        requests += [
            (action, action.trackable_link_id)
            for action in history
            if action.kind == classify.DOWNLOAD
        ]
        requests.sort(key=lambda request: request[0].occurred_at)
        emails = self.env["trackable.email"].union(
            *(record.trackable_email_id for record, _link in requests)
        )
        # An action has a program only where the company stores programs.
        has_program = {
            email: email._get_tracking_settings().tracking_keep_user_agent
            for email in emails
        }
        parts = follow_parts(
            [
                (
                    record.occurred_at,
                    (
                        record.trackable_email_id.id,
                        link.id,
                        has_program[record.trackable_email_id] and record.user_agent,
                    ),
                    record.is_part,
                )
                for record, link in requests
            ]
        )
        return dict(zip((record for record, _link in requests), parts, strict=True))

    def _find_bursts(self, classified, history, parts):
        """Where links were followed as no person does.

        :param dict parts: from `_follow_parts`: a player that asks for parts follows no
            further link with each of them
        :return: trackable email -> bursts
        :rtype: dict[TrackableEmail, list[Burst]]
        """
        seen = [
            (hit, judged.kind, judged.classification)
            for hit, judged in classified.items()
        ]
        seen += [(action, action.kind, action) for action in history]
        requests = defaultdict(list)
        for record, kind, classification in seen:
            if record in parts and parts[record].continues:
                continue
            if kind != classify.OPEN and classify.is_evidence(classification):
                requests[record.trackable_email_id].append(
                    LinkRequest(record.occurred_at, record.trackable_link_id.id)
                )
        bursts = defaultdict(list)
        for email, own in requests.items():
            bursts[email] = find_bursts(own, email.link_count)
        return bursts

    def _note_replies(self):
        for email, own in self.grouped("trackable_email_id").items():
            dates = own.mapped("occurred_at")
            email.reply_date = min([email.reply_date or max(dates), *dates])
