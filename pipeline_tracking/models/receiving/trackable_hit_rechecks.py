"""Find scans of the emails of several people, and ask to classify the actions of other
emails again (extends trackable.hit).

The batch has locked only its own emails. The scan's actions on other emails are
corrected when these emails are processed: a *recheck* in the queue asks for it.
"""

from collections import namedtuple
from datetime import datetime, timedelta
from itertools import chain

from odoo import models
from odoo.tools import SQL

from ...tools.actors import INTERNAL, MACHINE, Classification
from ...tools.email_requests import can_change, get_time_since_sent
from ...tools.source_scans import MAX_WINDOW, SourceRequest, find_source_scans
from .trackable_hit_compare import CORRECTED_MARGIN

# Stored requests of one network that are read for one time span: a scan is found with
# far fewer.
MAX_NEIGHBORS = 500
# Most requests need one span, because it is much longer than `MAX_WINDOW`.
SPAN = timedelta(minutes=1)

# A stored request on an email of another batch. `is_correctable`: whether the action
# changes if it belongs to a scan.
Neighbor = namedtuple("Neighbor", "client_id email_id occurred_at is_correctable")
_Row = namedtuple(
    "_Row",
    "client_id network occurred_at actor reason kind actor_now email_id is_stopped"
    " sent_date address",
)


class TrackableHit(models.Model):
    _inherit = "trackable.hit"

    def _find_source_scans(self, requests, records_by_email):
        """Find the requests that belong to a scan of the emails of several people.
        Request rechecks for other emails whose actions belong to the scan.

        :param dict requests: hit or action -> EmailRequest
        :param dict records_by_email: trackable email -> its hits and actions
        :return: the hits and actions in a scan
        :rtype: set
        """
        sources = {}
        for email, records in records_by_email.items():
            address, sent_date = email._get_address_key(), email.sent_date
            for record in records:
                request = requests[record]
                if _is_evidence(request):
                    sources[record] = SourceRequest(
                        request.occurred_at,
                        request.client.network,
                        address,
                        get_time_since_sent(request.occurred_at, sent_date),
                    )
        if not sources:
            return set()
        emails = self.env["trackable.email"].union(*records_by_email)
        neighbors = self._read_neighbors(sources.values(), emails)
        found = find_source_scans([*sources.values(), *neighbors.values()])
        are_scans = dict(zip([*sources, *neighbors], found, strict=True))
        self._request_rechecks(
            neighbor for neighbor in neighbors if are_scans[neighbor]
        )
        return {record for record in sources if are_scans[record]}

    def _read_neighbors(self, sources, emails):
        """Read stored requests on other emails, near in time and by the same networks.

        :param sources: SourceRequest of the requests to compare
        :param trackable.email emails: the emails of this batch, which are left out
        :rtype: dict[Neighbor, SourceRequest]
        """
        spans = _list_spans(sources)
        networks, since, until = (list(column) for column in zip(*spans, strict=True))
        # SQL: the ORM cannot search a different time span for each network.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT client.id, client.network, client.occurred_at,
                       client.actor, client.reason, action.kind, action.actor,
                       email.id, email.is_stopped, email.sent_date,
                       COALESCE(email.email_to, email.recipient_key)
                  FROM unnest(%s::varchar[], %s::timestamp[], %s::timestamp[])
                       AS span (network, since, until)
                 CROSS JOIN LATERAL (
                        SELECT * FROM trackable_client
                         WHERE network = span.network
                           AND occurred_at >= span.since AND occurred_at < span.until
                         ORDER BY occurred_at DESC LIMIT %s) AS client
                  JOIN trackable_email_action action ON action.id = client.action_id
                  JOIN trackable_email email ON email.id = action.trackable_email_id
                """,
                *(networks, since, until, MAX_NEIGHBORS),
            )
        )
        own_ids = set(emails.ids)
        neighbors = {}
        for row in map(_Row._make, rows):
            if row.email_id in own_ids:
                continue
            classification = Classification(row.actor, row.reason)
            # Actions of a stopped email no longer change.
            is_correctable = (
                row.actor_now != MACHINE
                and not row.is_stopped
                and can_change(row.kind, classification)
            )
            neighbor = Neighbor(
                row.client_id, row.email_id, row.occurred_at, is_correctable
            )
            neighbors[neighbor] = SourceRequest(
                row.occurred_at,
                row.network,
                row.address,
                get_time_since_sent(row.occurred_at, row.sent_date),
            )
        return neighbors

    def _request_rechecks(self, neighbors):
        """Put rechecks into the queue for the emails whose actions must be corrected.
        A recheck corrects actions up to `CORRECTED_MARGIN` before and after its time.

        :param neighbors: each `Neighbor` that belongs to a scan
        """
        due = {}  # email id -> times of its rechecks, oldest first
        for neighbor in sorted(neighbors, key=lambda neighbor: neighbor.occurred_at):
            if not neighbor.is_correctable:
                continue
            times = due.setdefault(neighbor.email_id, [])
            if not times or neighbor.occurred_at - times[-1] > CORRECTED_MARGIN:
                times.append(neighbor.occurred_at)
        if not due:
            return
        email_ids = [email_id for email_id, times in due.items() for _time in times]
        self.env.cr.execute(
            """
            INSERT INTO trackable_hit (trackable_email_id, is_recheck, occurred_at)
            SELECT email_id, TRUE, occurred_at
              FROM unnest(%s::integer[], %s::timestamp[]) AS due (email_id, occurred_at)
             WHERE NOT EXISTS (
                    SELECT FROM trackable_hit waiting
                     WHERE waiting.trackable_email_id = due.email_id
                       AND waiting.error IS NULL AND waiting.is_recheck
                       AND waiting.occurred_at = due.occurred_at)
            """,
            [email_ids, list(chain.from_iterable(due.values()))],
        )
        self._request_processing()


def _is_evidence(request):
    """Return whether a request can show a scan across emails. Colleagues open as many
    emails as they want.
    """
    return bool(request.client.network) and request.classification.actor != INTERNAL


def _list_spans(sources):
    """Return the time spans around requests, for each network. The spans have the same
    length and do not overlap, so that `MAX_NEIGHBORS` limits each short time.

    :param sources: SourceRequest of the requests
    :return: network, start, end (excluded)
    :rtype: list[tuple[str, datetime, datetime]]
    """
    starts = set()
    for source in sources:
        for time in (source.occurred_at - MAX_WINDOW, source.occurred_at + MAX_WINDOW):
            starts.add((source.source, time - (time - datetime.min) % SPAN))
    return [(network, start, start + SPAN) for network, start in sorted(starts)]
