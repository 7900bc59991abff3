"""Compare hits with each other and with earlier actions (extends trackable.hit).

`tools.joint_classification` decides what the requests for one email reveal together,
`tools.source_scans` what requests for the emails of several people reveal.
"""

from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ...tools import actors, classify, flood, signs
from ...tools.actors import Classification
from ...tools.email_requests import Client, EmailRequest
from ...tools.joint_classification import MAX_DISTANCE, classify_together
from ...tools.repeats import find_download_parts

# Actions are corrected up to this time before and after the hits. Floods rarely last
# longer.
CORRECTED_MARGIN = max(MAX_DISTANCE, flood.WINDOW)
# Earlier actions are read up to this time before and after the hits: all actions that
# matter for the corrected ones.
HISTORY_MARGIN = CORRECTED_MARGIN + MAX_DISTANCE
# How many earlier actions of one trackable email to read for its new hits. Even in a
# flood, the first request for each link by each actor is stored (`flood.fold`), so
# there can be more clicks and downloads than opens.
MAX_OPENS = flood.LIMIT_OF_EMAIL
MAX_LINK_ACTIONS = 2 * flood.LIMIT_OF_EMAIL


class TrackableHit(models.Model):
    _inherit = "trackable.hit"

    def _compare(self, held, classified_hits, history):
        """Classify these hits and earlier actions together.

        :param TrackableHit held: held hits of the same trackable emails
        :param dict[TrackableHit, ClassifiedHit] classified_hits: these hits, without
            rechecks, and the held hits
        :param TrackableEmailAction history: from `_read_history`
        :return: the verdict for each hit, and for each action that is near enough to be
            corrected; the part of a download that each request for a file is
        :rtype: tuple[dict, dict]
        """
        download_parts = self._find_download_parts(classified_hits, history)
        # sudo: trackable.client - no user has access rights to it
        stored_clients = self.env["trackable.client"].sudo()._read_clients(history)
        requests = {
            hit: self._prepare_hit_request(hit, classified_hit, download_parts.get(hit))
            for hit, classified_hit in classified_hits.items()
        }
        requests |= {
            action: self._prepare_action_request(
                action, stored_clients.get(action), download_parts.get(action)
            )
            for action in history
        }
        records_by_email = defaultdict(list)
        for record in requests:
            records_by_email[record.trackable_email_id].append(record)
        scanned = self._find_source_scans(requests, records_by_email)
        correctable = self._filter_correctable(history)
        verdicts = {}
        for email, records in records_by_email.items():
            email_verdicts = classify_together(
                [
                    requests[record]._replace(is_scan=record in scanned)
                    for record in records
                ],
                email.link_count,
                email.sent_date or None,
            )
            verdicts.update(zip(records, email_verdicts, strict=True))
        for action in history - correctable:
            del verdicts[action]
        return verdicts, download_parts

    def _filter_correctable(self, history):
        """Return the actions near these hits: other actions cannot change.

        :param TrackableEmailAction history: from `_read_history`
        :rtype: TrackableEmailAction
        """
        spans = {
            email: (
                min(hits.mapped("occurred_at")) - CORRECTED_MARGIN,
                max(hits.mapped("occurred_at")) + CORRECTED_MARGIN,
            )
            for email, hits in self.grouped("trackable_email_id").items()
        }

        def is_near(action):
            since, until = spans[action.trackable_email_id]
            return since <= action.occurred_at <= until

        return history.filtered(is_near)

    def _prepare_hit_request(self, hit, classified_hit, part):
        """Describe a hit for `classify_together`.

        :param DownloadPart | None part: for a request for a file
        :rtype: EmailRequest
        """
        return EmailRequest(
            hit.occurred_at,
            classified_hit.kind,
            # as in `_prepare_action_request`: a deleted link is no link
            classify.DECOY
            if classified_hit.classification.reason == classify.DECOY
            else classified_hit.link.id,
            classified_hit.classification,
            classified_hit.signs,
            classified_hit.client,
            continues=bool(part and part.continues),
            since=part.since if part else None,
        )

    def _prepare_action_request(self, action, stored_client, part):
        """Describe an action for `classify_together`. Without a stored client, the
        action is taken as it is.

        :param StoredClient | None stored_client:
        :param DownloadPart | None part: for a request for a file
        :rtype: EmailRequest
        """
        classification = (
            stored_client.classification
            if stored_client
            else Classification(action.actor, action.reason)
        )
        return EmailRequest(
            action.occurred_at,
            action.kind,
            # Actions on the decoy link have no link.
            action.trackable_link_id.id
            or (classification.reason == classify.DECOY and classify.DECOY),
            classification,
            tuple(sign for sign in action._get_signs() if sign not in signs.JOINT),
            stored_client.client if stored_client else Client(),
            continues=bool(part and part.continues),
            since=part.since if part else None,
        )

    def _read_history(self):
        """Read the actions near these hits. Such an action can reveal a scan, belong to
        a scan, or be identical to a hit in a flood.

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
                *(classify.INFERRED, actors.OPEN),
            )
        )
        history = Action.browse(action_id for (action_id,) in rows)
        max_actions = {True: MAX_OPENS, False: MAX_LINK_ACTIONS}
        for (email, are_opens), actions in history.grouped(
            lambda action: (action.trackable_email_id, action.kind == actors.OPEN)
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
            if classified_hit.kind == actors.DOWNLOAD
        ]
        requests += [
            (action, action.trackable_link_id)
            for action in history
            if action.kind == actors.DOWNLOAD
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
