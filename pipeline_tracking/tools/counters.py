"""Compute the counters of a trackable email, and infer its open, from its actions."""

from collections import namedtuple

from .actors import DOWNLOAD, OPEN, RECIPIENT, UNKNOWN
from .open_inference import infer_open

# The number of identical actions on one trackable email, and the times of the first and
# the last action.
ActionCount = namedtuple(
    "ActionCount", "kind actor is_inferred is_repeat is_counted count first last"
)


def _is_open(action_count):
    return action_count.kind == OPEN and not action_count.is_inferred


def get_inferred_open_date(action_counts):
    """Return the time of the recorded inferred open, if any.

    :param list[ActionCount] action_counts: of one trackable email
    :rtype: datetime | None
    """
    return next(
        (
            action_count.first
            for action_count in action_counts
            if action_count.is_inferred
        ),
        None,
    )


def infer_open_date(action_counts, reply_date):
    """Infer when the email was opened if no image was loaded: see `infer_open`.

    :param list[ActionCount] action_counts: of one trackable email
    :param datetime | None reply_date: time of the first reply
    :rtype: datetime | None
    """
    by_recipient = [
        action_count
        for action_count in action_counts
        if action_count.actor == RECIPIENT
    ]
    evidence = [
        action_count.first for action_count in by_recipient if action_count.kind != OPEN
    ]
    if reply_date:
        evidence.append(reply_date)
    recorded = min(
        (action_count.first for action_count in by_recipient if _is_open(action_count)),
        default=None,
    )
    return infer_open(evidence, recorded)


def compute_counters(action_counts, inferred):
    """Compute the counters of a trackable email.

    :param list[ActionCount] action_counts: of one trackable email
    :param datetime | None inferred: time of the inferred open
    :return: name of the field -> value; a time is None if there is no action
    :rtype: dict
    """
    opens = [action_count for action_count in action_counts if _is_open(action_count)]
    links = [
        action_count for action_count in action_counts if action_count.kind != OPEN
    ]
    counted = [action_count for action_count in opens if action_count.is_counted]
    counted_links = [action_count for action_count in links if action_count.is_counted]
    inferred_dates = [inferred] if inferred else []
    return {
        "open_count": _sum(counted) + len(inferred_dates),
        "click_count": _sum(counted_links),
        "download_count": _sum(
            action_count
            for action_count in counted_links
            if action_count.kind == DOWNLOAD
        ),
        "unknown_open_count": _sum(
            action_count
            for action_count in opens
            if action_count.actor == UNKNOWN and not action_count.is_repeat
        ),
        "raw_open_count": _sum(opens),
        "raw_click_count": _sum(links),
        "first_open_date": min(
            [*(action_count.first for action_count in counted), *inferred_dates],
            default=None,
        ),
        "last_open_date": max(
            [*(action_count.last for action_count in counted), *inferred_dates],
            default=None,
        ),
        "last_action_date": max(
            [
                *(action_count.last for action_count in counted + counted_links),
                *inferred_dates,
            ],
            default=None,
        ),
    }


def _sum(action_counts):
    return sum(action_count.count for action_count in action_counts)
