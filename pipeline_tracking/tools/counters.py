"""An email's actions, counted: what its counters say, and whether it must have been
opened.
"""

from collections import namedtuple

from .classify import OPEN, RECIPIENT, UNKNOWN
from .open_inference import infer_open

# Like actions on one trackable email: how many, and when the first and the last.
ActionCount = namedtuple(
    "ActionCount", "kind actor is_inferred is_repeat is_counted count first last"
)


def _is_open(figure):
    return figure.kind == OPEN and not figure.is_inferred


def get_inferred_open_date(figures):
    """When it was inferred to be open, if it was.

    :param list[ActionCount] figures: of one trackable email
    :rtype: datetime | None
    """
    return next((figure.first for figure in figures if figure.is_inferred), None)


def infer_open_date(figures, reply_date):
    """When it must have been open, where no image tells: see `infer_open`.

    :param list[ActionCount] figures: of one trackable email
    :param datetime | None reply_date: when it was answered, if it was
    :rtype: datetime | None
    """
    own = [figure for figure in figures if figure.actor == RECIPIENT]
    evidence = [figure.first for figure in own if figure.kind != OPEN]
    if reply_date:
        evidence.append(reply_date)
    recorded = min((figure.first for figure in own if _is_open(figure)), default=None)
    return infer_open(evidence, recorded)


def compute_counters(figures, inferred):
    """What the counters of a trackable email say.

    :param list[ActionCount] figures: of one trackable email
    :param datetime | None inferred: when it must have been open
    :return: by the name of the field; dates are None where there is none
    :rtype: dict
    """
    opens = [figure for figure in figures if _is_open(figure)]
    links = [figure for figure in figures if figure.kind != OPEN]
    counted = [figure for figure in opens if figure.is_counted]
    inferred_dates = [inferred] if inferred else []
    return {
        "open_count": _sum(counted) + len(inferred_dates),
        "click_count": _sum(figure for figure in links if figure.is_counted),
        "unknown_open_count": _sum(
            figure
            for figure in opens
            if figure.actor == UNKNOWN and not figure.is_repeat
        ),
        "raw_open_count": _sum(opens),
        "raw_click_count": _sum(links),
        "first_open_date": min(
            [*(figure.first for figure in counted), *inferred_dates], default=None
        ),
        "last_open_date": max(
            [*(figure.last for figure in counted), *inferred_dates], default=None
        ),
    }


def _sum(figures):
    return sum(figure.count for figure in figures)
