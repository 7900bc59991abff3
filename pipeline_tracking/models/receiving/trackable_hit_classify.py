"""Classify hits, first one by one and then together (extends trackable.hit).

- A *burst* is a series of requests for links, faster than a person clicks. A scanner
  made these requests (`tools.bursts`).
- A *flood* is a high number of requests on one email. Only some of its requests become
  actions, and the others are *folded*: added to the `hit_count` of these actions
  (`tools.flood`).
- A *repeat* comes shortly after another action of the same client, for example when an
  image is loaded again. Repeats do not count (`tools.repeats`).
- The *history* holds earlier actions on the same emails, near in time to the hits
  (`_read_history`).

`models/trackable_hit.py` explains hits, `models/trackable_email_action.py` actions.
"""

from collections import Counter, defaultdict, namedtuple
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ...tools import classify, device, flood, networks
from ...tools.bursts import LinkRequest, find_bursts
from ...tools.repeats import find_download_parts
from ..feedback.chatter_channel import push_badges
from ..feedback.trackable_feed_channel import push_feed

DEVICE_DAYS = 30  # a device counts as used by a colleague for this long after activity
# Read actions up to this time (plus the repeat window) before and after the hits:
# bursts and floods rarely last longer.
HISTORY_MARGIN = flood.WINDOW
# How many earlier actions of one trackable email to read for its new hits. Even in a
# flood, the first request for each link by each actor is stored (`flood.fold`), so
# there can be more clicks and downloads than opens.
MAX_OPENS = flood.LIMIT_OF_EMAIL
MAX_LINK_ACTIONS = 2 * flood.LIMIT_OF_EMAIL

# `kind`: the kind of the hit's action. `link`: the trackable link, empty for an open
# and for a deleted link. `classification`: a `classify.Classification`. `colleague`:
# the user who made the request, empty unless exactly one colleague is known.
ClassifiedHit = namedtuple("ClassifiedHit", "kind link classification colleague")


class TrackableHit(models.Model):
    _inherit = "trackable.hit"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _classify(self, kind, **facts):
        """Decide who made this request, without looking at other requests.

        An override returns a `classify.Classification`: the result of `super`, or
        another one.

        :param str kind: the kind of the action
        :param facts: further fields of `classify.Facts`
        :rtype: classify.Classification
        """
        self.ensure_one()
        return classify.classify(kind, **self._prepare_facts(), **facts)

    def _prepare_facts(self):
        """Return the known facts of this request, for `classify.classify`.

        An override returns the dict of `super`, with other values.

        :return: field of `classify.Facts` -> value
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
            "own_networks": networks.parse(settings.tracking_own_networks or ""),
            "seconds_since_sent": since_sent,
            "early_seconds": settings.tracking_early_seconds,
            "is_incomplete": self.are_details_deleted,
        }

    # ------------------------------------------------------------
    # Do not override: the steps from hits to actions
    # ------------------------------------------------------------

    def _process_hits(self, held):
        """Turn hits into actions, and reclassify earlier actions. Then recompute
        counters, update chatter entries, and plan notifications.

        :param TrackableHit held: held hits of the same trackable emails. They can
            reveal a burst, but this method does not process them.
        """
        hits = self
        self, held = self._filter_recordable(held)
        self = self._count_anonymous()
        replies = self.filtered("is_reply")
        requests = self - replies
        classified_hits = (requests | held)._classify_hits()
        history, complete_since = requests._read_history()
        download_parts = self._find_download_parts(classified_hits, history)
        bursts = self._find_bursts(classified_hits, history, download_parts)
        corrected = history._reclassify(bursts)
        # Fold last: burst detection needs all requests of a flood.
        actions = history._create_folded(
            requests._prepare_action_values_list(
                classified_hits, bursts, download_parts
            )
        )
        corrected |= (history | actions)._mark_repeats(complete_since)
        replied_emails = replies._set_reply_dates()
        self.trackable_email_id._recompute_counters(
            actions.filtered("is_counted") | corrected
        )
        push_badges(replied_emails)
        push_feed(replied_emails)
        # Delete hits only in the transaction that stores their actions.
        hits.unlink()

    def _filter_recordable(self, held):
        """Leave out hits on trackable emails that are no longer tracked.

        :param TrackableHit held: held hits of the same trackable emails
        :return: these hits and the held hits that may be recorded
        :rtype: tuple[TrackableHit, TrackableHit]
        """
        untracked_emails = self.trackable_email_id._filter_no_longer_tracked()
        return tuple(
            hits.filtered(lambda hit: hit.trackable_email_id not in untracked_emails)
            for hits in (self, held)
        )

    def _count_anonymous(self):
        """Count opens on the anonymous trackable emails of mailings. These opens create
        no actions.

        :return: the hits on other trackable emails
        :rtype: TrackableHit
        """
        anonymous_hits = self.filtered("trackable_email_id.is_anonymous")
        classified_hits = anonymous_hits._classify_hits() if anonymous_hits else {}
        for email, hits in anonymous_hits.grouped("trackable_email_id").items():
            actors = Counter(classified_hits[hit].classification.actor for hit in hits)
            email.open_count += actors[classify.RECIPIENT]
            email.unknown_open_count += actors[classify.UNKNOWN]
            email.raw_open_count += len(hits)
        return self - anonymous_hits

    def _set_reply_dates(self):
        """Set the time of the first reply on the emails that these replies answer.

        :return: the emails whose first reply this is
        :rtype: trackable.email
        """
        changed_emails = self.env["trackable.email"]
        for email, replies in self.grouped("trackable_email_id").items():
            times = replies.mapped("occurred_at")
            reply_date = min([email.reply_date or max(times), *times])
            if reply_date != email.reply_date:
                email.reply_date = reply_date
                changed_emails |= email
        return changed_emails

    # ------------------------------------------------------------
    # Do not override: single hits
    # ------------------------------------------------------------

    def _classify_hits(self):
        """Classify these hits one by one.

        :rtype: dict[TrackableHit, ClassifiedHit]
        """
        existing_link_ids = frozenset(self.trackable_link_id.exists().ids)
        colleagues = self.user_id.exists().filtered(lambda user: not user.share)
        users_by_device = self._get_users_by_device()
        classified_hits = {}
        for hit in self:
            kind, link = hit._get_kind_and_link(existing_link_ids)
            session_user = hit.user_id & colleagues
            device_users = users_by_device.get(
                hit._get_device_key(), colleagues.browse()
            )
            classification = hit._classify(
                kind,
                has_session=bool(session_user),
                is_known_device=bool(device_users),
            )
            colleague = session_user or device_users
            if classification.actor != classify.INTERNAL or len(colleague) > 1:
                # Several colleagues share the device: the user is unknown.
                colleague = colleagues.browse()
            classified_hits[hit] = ClassifiedHit(kind, link, classification, colleague)
        return classified_hits

    def _get_kind_and_link(self, existing_link_ids):
        """Return the kind of this hit's action, and its link, which is empty for an
        open and for a deleted link.

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

    def _get_device_key(self):
        """Return IP address, browser and platform, as in Odoo's device log."""
        self.ensure_one()
        return (self.ip, *device.read(self.user_agent or ""))

    def _get_users_by_device(self):
        """Find the internal users who were active on the IP addresses of these hits in
        the last `DEVICE_DAYS`.

        :return: IP address, browser and platform -> users
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
    # Do not override: all hits together
    # ------------------------------------------------------------

    def _read_history(self):
        """Read the actions near these hits. Such an action can reveal a burst, belong
        to a burst, or be identical to a hit in a flood.

        The method reads at most `MAX_OPENS` opens and `MAX_LINK_ACTIONS` other actions
        of each trackable email, the newest first. A hit therefore costs the same for
        any number of actions.

        :return: the actions; trackable email -> datetime since which the actions are
            complete
        :rtype: tuple[TrackableEmailAction, dict[TrackableEmail, datetime]]
        """
        complete_since, spans = {}, []
        for email, hits in self.grouped("trackable_email_id").items():
            times = hits.mapped("occurred_at")
            margin = HISTORY_MARGIN + email._get_repeat_window()
            complete_since[email] = min(times) - margin
            spans.append((email.id, complete_since[email], max(times) + margin))
        Action = self.env["trackable.email.action"]
        if not spans:
            return Action, complete_since
        Action.flush_model()
        email_ids, since, until = (list(column) for column in zip(*spans, strict=True))
        # SQL: the ORM cannot search a different time span for each trackable email.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT action.id
                  FROM unnest(%s::integer[], %s::timestamp[], %s::timestamp[])
                       AS span (email_id, since, until)
                 CROSS JOIN (VALUES (TRUE, %s), (FALSE, %s))
                       AS kinds (are_opens, max_actions)
                 CROSS JOIN LATERAL (
                        SELECT id FROM trackable_email_action
                         WHERE trackable_email_id = span.email_id
                           AND occurred_at BETWEEN span.since AND span.until
                           AND reason != %s AND (kind = %s) = kinds.are_opens
                         ORDER BY occurred_at DESC, id DESC
                         LIMIT kinds.max_actions) AS action
                """,
                *(email_ids, since, until, MAX_OPENS, MAX_LINK_ACTIONS),
                *(classify.INFERRED, classify.OPEN),
            )
        )
        history = Action.browse(action_id for (action_id,) in rows)
        max_actions = {True: MAX_OPENS, False: MAX_LINK_ACTIONS}
        for (email, are_opens), actions in history.grouped(
            lambda action: (action.trackable_email_id, action.kind == classify.OPEN)
        ).items():
            if len(actions) >= max_actions[are_opens]:
                since = min(actions.mapped("occurred_at"))
                complete_since[email] = max(since, complete_since[email])
        return history, complete_since

    def _find_download_parts(self, classified_hits, history):
        """Decide for each request for a file whether it only continues a download.

        :param dict[TrackableHit, ClassifiedHit] classified_hits:
        :param TrackableEmailAction history: from `_read_history`
        :rtype: dict[TrackableHit | TrackableEmailAction, DownloadPart]
        """
        requests = [
            (hit, classified_hit.link)
            for hit, classified_hit in classified_hits.items()
            if classified_hit.kind == classify.DOWNLOAD
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
        # Actions have a user agent only if the company stores devices.
        has_user_agents = {
            email: email._get_tracking_settings().tracking_keep_user_agent
            for email in emails
        }
        download_parts = find_download_parts(
            [
                (
                    record.occurred_at,
                    (
                        record.trackable_email_id.id,
                        link.id,
                        has_user_agents[record.trackable_email_id]
                        and record.user_agent,
                    ),
                    record.is_part,
                )
                for record, link in requests
            ]
        )
        return dict(
            zip((record for record, _link in requests), download_parts, strict=True)
        )

    def _find_bursts(self, classified_hits, history, download_parts):
        """Find the bursts: links followed faster than a person follows them.

        :param dict[TrackableHit, ClassifiedHit] classified_hits:
        :param TrackableEmailAction history: from `_read_history`
        :param dict download_parts: from `_find_download_parts`; further parts of a
            download are not further links
        :return: trackable email -> bursts
        :rtype: dict[TrackableEmail, list[Burst]]
        """
        requests = [
            (hit, classified_hit.kind, classified_hit.classification)
            for hit, classified_hit in classified_hits.items()
        ]
        requests += [(action, action.kind, action) for action in history]
        link_requests = defaultdict(list)
        for record, kind, classification in requests:
            if record in download_parts and download_parts[record].continues:
                continue
            if kind != classify.OPEN and classify.can_belong_to_burst(classification):
                link_requests[record.trackable_email_id].append(
                    LinkRequest(record.occurred_at, record.trackable_link_id.id)
                )
        bursts = defaultdict(list)
        for email, requests_of_email in link_requests.items():
            bursts[email] = find_bursts(requests_of_email, email.link_count)
        return bursts
