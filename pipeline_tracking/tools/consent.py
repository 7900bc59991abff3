"""Consent: decide whether a recipient may be tracked.

Some authorities require prior consent to be tracked, apart from consent to marketing:
docs/field.md#law (CNIL 2026-042, EDPB Guidelines 2/2023).
"""

AGREED = "agreed"
OBJECTED = "objected"

# Modes of a company.
UNLESS_OBJECTED = "unless_objected"
WHEN_AGREED = "when_agreed"

# How far a copy of a mailing is tracked.
PERSON = "person"
AGGREGATE = "aggregate"  # its opens are counted, without recording the recipient
NOTHING = "nothing"


def combine(consents):
    """Return the most restrictive consent of the contacts that have the same address.

    :param consents: `AGREED`, `OBJECTED` or None for each contact
    :rtype: str | None
    """
    consents = set(consents)
    if OBJECTED in consents:
        return OBJECTED
    return AGREED if consents == {AGREED} else None


def permits(consent, mode):
    """Return whether a person may be tracked.

    :param str | None consent: `AGREED`, `OBJECTED` or None
    :param str mode: `UNLESS_OBJECTED` or `WHEN_AGREED`
    :rtype: bool
    """
    return consent == AGREED if mode == WHEN_AGREED else consent != OBJECTED


def get_tracking_level(consent, mode):
    """Return how far a copy of a mailing is tracked. If the recipient has neither
    agreed nor objected, opens may be counted without recording the recipient.

    :param str | None consent: `AGREED`, `OBJECTED` or None
    :param str mode: `UNLESS_OBJECTED` or `WHEN_AGREED`
    :return: `PERSON`, `AGGREGATE` or `NOTHING`
    :rtype: str
    """
    if permits(consent, mode):
        return PERSON
    return NOTHING if consent == OBJECTED else AGGREGATE
