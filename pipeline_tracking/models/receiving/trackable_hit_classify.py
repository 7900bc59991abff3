"""Process hits: classify them one by one, then together, and record actions (extends
trackable.hit).

- A *flood* is a high number of requests on one email. Only some of its requests become
  actions, and the others are *folded*: added to the `hit_count` of these actions
  (`tools.flood`).
- A *repeat* comes shortly after another action of the same client, for example when an
  image is loaded again. Repeats do not count (`tools.repeats`).
- The *history* holds earlier actions on the same emails, near in time to the hits
  (`_read_history`). `trackable_hit_compare` compares it with the hits.
- A *recheck* is a hit that is no request: the history near its time is classified
  again (`trackable_hit_rechecks`).

`models/trackable_hit.py` explains hits, `models/trackable_email_action.py` actions.
"""

from collections import Counter, namedtuple
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from odoo import fields, models
from odoo.tools import config

from ...tools import actors, autonomous_systems, classify, device, networks
from ...tools.email_requests import Client, get_time_since_sent
from ..feedback.chatter_channel import push_badges
from ..feedback.trackable_feed_channel import push_feed

DEVICE_DAYS = 30  # a device counts as used by a colleague for this long after activity
# `kind`: the kind of the hit's action. `link`: the trackable link, empty for an open,
# for a deleted link and for a decoy link. `classification`: an `actors.Classification`.
# `signs`: from `classify.find_signs`. `client`: an `email_requests.Client`.
# `colleague`: the user who made the request, empty unless exactly one colleague is
# known. `verdict`: an `email_requests.Verdict`, from `_compare`.
ClassifiedHit = namedtuple(
    "ClassifiedHit",
    "kind link classification signs client colleague verdict",
    defaults=(None,),
)


class TrackableHit(models.Model):
    _inherit = "trackable.hit"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _classify(self, kind, **facts):
        """Decide who made this request, without looking at other requests.

        An override returns an `actors.Classification`: the result of `super`, or
        another one.

        :param str kind: the kind of the action
        :param facts: fields of `classify.Facts`, from `_prepare_facts` and the device
        :rtype: actors.Classification
        """
        self.ensure_one()
        return classify.classify(kind, **facts)

    def _prepare_facts(self):
        """Return the known facts of this request, for `classify.classify`.

        An override returns the dict of `super`, with other values.

        :return: field of `classify.Facts` -> value
        :rtype: dict
        """
        self.ensure_one()
        settings = self.trackable_email_id._get_tracking_settings()
        since_sent = get_time_since_sent(
            self.occurred_at, self.trackable_email_id.sent_date
        )
        return {
            "method": self.method or "",
            "user_agent": self.user_agent or "",
            "purpose": self.purpose or "",
            "ip": self.ip or "",
            "own_networks": networks.parse(settings.tracking_own_networks or ""),
            "scanner_networks": networks.parse(
                settings.tracking_scanner_networks or ""
            ),
            "seconds_since_sent": (
                None if since_sent is None else since_sent.total_seconds()
            ),
            "early_seconds": settings.tracking_early_seconds,
            "day": self.occurred_at.date(),
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
        rechecks = self.filtered("is_recheck")
        requests = self - replies - rechecks
        classified_hits = (requests | held)._classify_hits()
        history, complete_since = (requests | rechecks)._read_history()
        verdicts, download_parts = (requests | rechecks)._compare(
            held, classified_hits, history
        )
        corrected = history._correct(verdicts)
        # Fold last: comparing needs all requests of a flood.
        actions = history._create_folded(
            requests._prepare_action_values_list(classified_hits, verdicts)
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
            counts = Counter(classified_hits[hit].classification.actor for hit in hits)
            email.open_count += counts[actors.RECIPIENT]
            email.unknown_open_count += counts[actors.UNKNOWN]
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
        # sudo: trackable.client - no user has access rights to it
        make_client = self.env["trackable.client"].sudo()._make_client
        make_client = lru_cache(maxsize=None)(make_client)
        numbers_by_ip = self._find_system_numbers()
        classified_hits = {}
        for hit in self:
            kind, link = hit._get_kind_and_link(existing_link_ids)
            session_user = hit.user_id & colleagues
            device_users = users_by_device.get(
                hit._get_device_key(), colleagues.browse()
            )
            facts = {
                **hit._prepare_facts(),
                "is_decoy": link.is_decoy,
                "has_session": bool(session_user),
                "is_known_device": bool(device_users),
                "system_number": numbers_by_ip.get(hit.ip),
            }
            classification = hit._classify(kind, **facts)
            colleague = session_user or device_users
            if classification.actor != actors.INTERNAL or len(colleague) > 1:
                # Several colleagues share the device: the user is unknown.
                colleague = colleagues.browse()
            classified_hits[hit] = ClassifiedHit(
                kind,
                # A decoy link is no link of the email: its actions have no link.
                link.browse() if link.is_decoy else link,
                classification,
                classify.find_signs(kind, **facts),
                Client()
                if classify.hides_client(kind, facts["user_agent"], facts["ip"])
                else make_client(facts["ip"], facts["user_agent"]),
                colleague,
            )
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
            return actors.OPEN, link
        if link.id not in existing_link_ids:
            return actors.CLICK, link.browse()
        return actors.DOWNLOAD if link.is_file else actors.CLICK, link

    def _find_system_numbers(self):
        """Find the autonomous systems that the IP addresses of these hits belong to, if
        the database GeoLite2-ASN is beside Odoo's GeoIP databases.

        :return: IP address -> number
        :rtype: dict[str, int]
        """
        path = autonomous_systems.get_path(Path(config["geoip_city_db"]).parent)
        ips = set(self.mapped("ip")) if Path(path).exists() else ()
        numbers = {ip: autonomous_systems.find_number(path, ip or "") for ip in ips}
        return {ip: number for ip, number in numbers.items() if number}

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
