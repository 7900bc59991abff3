"""Describe the requests for one email, and how they relate to each other.

Times are naive UTC `datetime`s, windows are `timedelta`s.
"""

from bisect import bisect_right
from collections import namedtuple
from datetime import timedelta

from .actors import OPEN, RECIPIENT
from .bursts import is_soon_after_sending
from .classify import AT_DELIVERY, BROWSERS

# An open matters for the clicks that follow within this time. Later, the email client
# often has the image already, and does not request it again.
OPEN_PAUSE = timedelta(minutes=10)

# `network`, `program`: identify the network and the user agent; "" if not known.
# `system`: name of the operating system, or "".
Client = namedtuple("Client", "network program system", defaults=("", "", ""))

# `confidence`: from `signs.GRADES`. `signs`: codes of `signs.SIGNS`, sorted.
Verdict = namedtuple("Verdict", "actor reason confidence signs")


# A request for the image, a link or a file of an email.
# `link`: any hashable value that identifies the link; `DECOY` for the decoy link, if a
# program followed it. `classification`: of the request by itself, from `classify`.
# `signs`: codes, from `classify.find_signs`. `client`: who made the request.
# `continues`: whether the request only continues a download. `since`: when the client
# began to request parts of the file at the pace of a burst; None if it did not.
# `is_scan`: whether the request belongs to a scan across emails.
EmailRequest = namedtuple(
    "EmailRequest",
    "occurred_at kind link classification signs client continues since is_scan",
    defaults=((), Client(), False, None, False),
)


def get_time_since_sent(occurred_at, sent_date):
    """Return the time from sending an email to a request.

    :param datetime occurred_at: time of the request
    :param datetime | None sent_date: when the email was sent
    :return: None if the email was not sent, or sent again after the request
    :rtype: timedelta | None
    """
    if not sent_date or sent_date > occurred_at:
        return None
    return occurred_at - sent_date


def can_change(kind, classification):
    """Return whether other requests can change the classification of a request.

    :param str kind: the kind of the request's action
    :param Classification classification: of the request by itself
    :rtype: bool
    """
    if classification.reason == AT_DELIVERY:
        return True
    return classification.actor == RECIPIENT and (
        kind != OPEN or classification.reason in BROWSERS
    )


def is_persons_open(request, classification, sent_at):
    """Return whether an open shows that a person has the email. Scanners also load the
    image, but soon after sending and without an email client.

    :param EmailRequest request: of any kind
    :param Classification classification: the request's
    :param datetime | None sent_at: when the email was sent, if known
    :rtype: bool
    """
    if request.kind != OPEN or classification.actor != RECIPIENT:
        return False
    return classification.reason not in BROWSERS or not is_soon_after_sending(
        request.occurred_at, sent_at
    )


def find_last_open(opens, request):
    """Return the last open before a request, within `OPEN_PAUSE`.

    :param list[EmailRequest] opens: oldest first
    :param EmailRequest request:
    :rtype: EmailRequest | None
    """
    index = bisect_right(opens, request.occurred_at, key=_get_time) - 1
    if index >= 0 and request.occurred_at - opens[index].occurred_at <= OPEN_PAUSE:
        return opens[index]
    return None


def is_repeated_by_other(request, last_use):
    """Return whether another network and program repeats a link that the recipient has
    used, as antivirus programs do.

    :param EmailRequest request: for the same link
    :param EmailRequest last_use: the recipient's
    :rtype: bool
    """
    networks = {request.client.network, last_use.client.network}
    return (
        "" not in networks
        and len(networks) == 2
        and request.client.program != last_use.client.program
        and request.occurred_at - last_use.occurred_at <= OPEN_PAUSE
    )


def _get_time(request):
    return request.occurred_at
