"""Weigh the signs of a request, and grade how sure its actor is.

A sign alone proves nothing. Each sign has a weight: above zero, the sign speaks for a
machine; below zero, for a person. The sum is the score of the request.
"""

from collections import namedtuple

from .actors import ANY, INTERNAL, LINKS, MACHINE, OPENS, RECIPIENT, UNKNOWN

# Grades of confidence
HIGH = "high"
MEDIUM = "medium"
LOW = "low"
GRADES = (LOW, MEDIUM, HIGH)  # rising

# Signs of one request, from `classify.find_signs`
AT_ONCE = "at-once"
SOON = "soon"
LATER = "later"
OLD_BROWSER = "old-browser"
NO_SYSTEM = "no-system"
CLOUD_NETWORK = "cloud-network"
FILTER_NETWORK = "filter-network"
# Signs that other requests for the same email give, from `classify_together`
OPENED_BEFORE = "opened-before"
OPENED_ELSEWHERE = "opened-elsewhere"
NOT_OPENED = "not-opened"
NO_TIME = "no-time"
OTHER_SYSTEM = "other-system"
REPEATED_BY_OTHER = "repeated-by-other"
USED_AFTER = "used-after"
JOINT = frozenset(
    (
        *(OPENED_BEFORE, OPENED_ELSEWHERE, NOT_OPENED, NO_TIME),
        *(OTHER_SYSTEM, REPEATED_BY_OTHER, USED_AFTER),
    )
)

# Seconds after sending
AT_ONCE_SECONDS = 20
SOON_SECONDS = 60
LATER_SECONDS = 300

_Sign = namedtuple("_Sign", "code weight kinds source")
SIGNS = (
    # docs/field.md#opens: gateways load the image a median of 9 s after sending. 66 %
    # of the bursts of gateways come between 20 and 60 s, 5 % later than 5 min.
    _Sign(AT_ONCE, 2, OPENS, "docs/field.md#opens: craft-campaign#546"),
    _Sign(SOON, 1, ANY, "docs/field.md#clicks: craft-campaign#546"),
    _Sign(LATER, -1, ANY, "docs/field.md#clicks: craft-campaign#546"),
    # Scanners run browsers that are years old, on systems of desktop computers. Old
    # televisions and phones of people have other systems.
    _Sign(OLD_BROWSER, 3, ANY, "docs/field.md#old-browsers"),
    _Sign(NO_SYSTEM, 2, ANY, "MDN, User-Agent: browsers name the system they run on"),
    _Sign(CLOUD_NETWORK, 3, LINKS, "docs/field.md#networks: warmbly#412"),
    _Sign(FILTER_NETWORK, 2, ANY, "docs/field.md#networks"),
    # People open an email before they follow its links. Without the image, nobody
    # knows: many email clients block images.
    _Sign(OPENED_BEFORE, -2, LINKS, "docs/field.md#together"),
    _Sign(OPENED_ELSEWHERE, -1, LINKS, "docs/field.md#together"),
    _Sign(NOT_OPENED, 1, LINKS, "docs/field.md#together"),
    # The same client loads the image, and follows a link within a second.
    _Sign(NO_TIME, 3, LINKS, "docs/field.md#together"),
    _Sign(REPEATED_BY_OTHER, 2, LINKS, "docs/field.md#clicks: resend-node#901"),
    _Sign(OTHER_SYSTEM, 1, LINKS, "docs/field.md#together"),
    _Sign(USED_AFTER, -2, OPENS, "docs/field.md#together"),
)
_WEIGHTS = {sign.code: sign.weight for sign in SIGNS}

# An email client or its provider's proxy requests the image when a person opens the
# email. This is stronger than any sign of SIGNS against it.
_WEIGHT_OF_EMAIL_CLIENT = -4

# Scores of links from which the request is not the recipient's.
MACHINE_SCORE = 4
UNKNOWN_SCORE = 3
# Scores up to which, and from which, a recipient's action is graded.
_HIGH_SCORE = -2
_LOW_SCORE = 2


def get_score(signs, is_email_client=False):
    """Return the sum of the weights of these signs.

    :param signs: codes of `SIGNS`; other codes weigh nothing
    :param bool is_email_client: whether an email client or its provider loads an image
    :rtype: int
    """
    score = sum(_WEIGHTS.get(code, 0) for code in signs)
    return score + _WEIGHT_OF_EMAIL_CLIENT * is_email_client


def grade(actor, score, is_proof):
    """Grade how sure the actor of a request is.

    :param str actor: from `actors`
    :param int score: from `get_score`
    :param bool is_proof: whether the reason alone proves a machine or a colleague
    :return: `HIGH`, `MEDIUM` or `LOW`
    :rtype: str
    """
    if actor == UNKNOWN:
        return LOW
    if actor in (MACHINE, INTERNAL):
        return HIGH if is_proof else MEDIUM
    if score <= _HIGH_SCORE:
        return HIGH
    return LOW if score >= _LOW_SCORE else MEDIUM


def decide_actor(score):
    """Decide who followed a link, if only the signs speak.

    :param int score: from `get_score`
    :rtype: str
    """
    if score >= MACHINE_SCORE:
        return MACHINE
    return UNKNOWN if score >= UNKNOWN_SCORE else RECIPIENT
