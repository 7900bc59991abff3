"""Consent: may a recipient be tracked?

Prior consent to be tracked is what some authorities ask for, apart from consent to
marketing: docs/field.md#law (CNIL 2026-042, EDPB Guidelines 2/2023).
"""

AGREED = "agreed"
OBJECTED = "objected"

# Modes of a company.
UNLESS_OBJECTED = "unless_objected"
WHEN_AGREED = "when_agreed"

# How far a copy of a mailing is tracked.
PERSON = "person"
AGGREGATE = "aggregate"  # its opens are counted, nobody's
NOTHING = "nothing"


def combine(consents):
    """What holds where several contacts have one address: the most restrictive.

    :param consents: of each, `AGREED`, `OBJECTED` or None
    :rtype: str | None
    """
    consents = set(consents)
    if OBJECTED in consents:
        return OBJECTED
    return AGREED if consents == {AGREED} else None


def permits(consent, mode):
    """Whether a person may be tracked.

    :param str | None consent: as above
    :param str mode: `UNLESS_OBJECTED` or `WHEN_AGREED`
    :rtype: bool
    """
    return consent == AGREED if mode == WHEN_AGREED else consent != OBJECTED


def get_tracking_level(consent, mode):
    """How far a copy of a mailing is tracked. Who objected is left alone; of who has
    not agreed, that somebody opened it is no secret.

    :rtype: str
    """
    if permits(consent, mode):
        return PERSON
    return NOTHING if consent == OBJECTED else AGGREGATE
