"""Classify the requests for one email together.

`classify` looks at one request. This module corrects its classifications by what
several requests reveal: scans (`email_scans`), doubled clicks, and signs that add up
(`email_signs`).

The result depends only on the set of requests, not on their order of arrival. Requests
further away than `MAX_DISTANCE` do not matter for a request.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from datetime import timedelta

from .actors import OPEN, RECIPIENT, UNKNOWN, Classification
from .bursts import EARLY_IMAGE, HASTY_AFTER_OPEN, SLOW_SCAN
from .classify import DOUBLED
from .email_requests import OPEN_PAUSE, find_last_open, is_repeated_by_other
from .email_scans import EXPOSURE_TIME, find_scans
from .email_signs import find_programs, find_signs, weigh

# docs/field.md#clicks: a person clicks, and a scanner fetches the link again.
DOUBLE_PAUSE = timedelta(seconds=20)

# The distance within which requests matter for each other. The longest chain: a request
# for the decoy link makes an open a program's; otherwise, the open makes later clicks a
# hasty person's, not a slow scan's, to which another open belongs, which matters for a
# later click, which matters for the open before it.
MAX_DISTANCE = (
    EXPOSURE_TIME + 2 * OPEN_PAUSE + EARLY_IMAGE + SLOW_SCAN + HASTY_AFTER_OPEN[1]
)


def classify_together(requests, link_count, sent_at=None):
    """Classify the requests for one email.

    :param list[EmailRequest] requests: in any order
    :param int link_count: number of distinct links in the email, without the decoy link
    :param datetime | None sent_at: when the email was sent, if known
    :return: a verdict for each request
    :rtype: list[Verdict]
    """
    positions = sorted(
        range(len(requests)), key=lambda position: _get_order(requests[position])
    )
    ordered = [requests[position] for position in positions]
    classifications = find_scans(ordered, link_count, sent_at)
    signs = find_signs(ordered, classifications, sent_at)
    classifications = find_programs(ordered, classifications, signs)
    _find_doubles(ordered, classifications)
    verdicts = weigh(ordered, classifications, signs)
    verdict_by_position = dict(zip(positions, verdicts, strict=True))
    return [verdict_by_position[position] for position in range(len(requests))]


def _get_order(request):
    """Order requests by time. Further values order requests of the same time, so that
    the order of arrival does not matter.
    """
    return (
        request.occurred_at,
        request.kind,
        request.classification.reason,
        str(request.link),
        request.client,
    )


def _find_doubles(requests, classifications):
    """Classify clicks as unknown that another network and program doubles. If the email
    was opened in one of the two networks, the person is there. Otherwise, the later
    click is not the person's.

    :param list[EmailRequest] requests: oldest first
    :param list[Classification] classifications: this function changes the list
    """
    # An image soon after sending can be a scanner's. More often, an eager person uses a
    # link that a filter checks at the click.
    opens = [
        request
        for request, classification in zip(requests, classifications, strict=True)
        if request.kind == OPEN and classification.actor == RECIPIENT
    ]
    last_positions = {}  # link -> position of the recipient's last click
    for position, request in enumerate(requests):
        if request.kind == OPEN or classifications[position].actor != RECIPIENT:
            continue
        last_position = last_positions.get(request.link)
        last_positions[request.link] = position
        if last_position is None:
            continue
        last = requests[last_position]
        if not _is_doubled(request, last):
            continue
        last_open = find_last_open(opens, last)
        if last_open and last_open.client.network == request.client.network:
            classifications[last_position] = Classification(UNKNOWN, DOUBLED)
        else:
            classifications[position] = Classification(UNKNOWN, DOUBLED)
            last_positions[request.link] = last_position


def _is_doubled(request, last):
    """Return whether another network and program repeats a click at once.

    :param EmailRequest last: the click before
    """
    return (
        request.occurred_at - last.occurred_at <= DOUBLE_PAUSE
        and is_repeated_by_other(request, last)
    )
