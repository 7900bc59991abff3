"""tools/consent: combine consents of an address; decide how far a copy is tracked."""

import itertools

import hypothesis.strategies as st
from hypothesis import given

from odoo.addons.pipeline_tracking.tools import consent
from odoo.addons.pipeline_tracking.tools.consent import (
    AGGREGATE,
    AGREED,
    NOTHING,
    OBJECTED,
    PERSON,
    UNLESS_OBJECTED,
    WHEN_AGREED,
)

MODES = (UNLESS_OBJECTED, WHEN_AGREED)
CONSENTS = st.lists(st.sampled_from([None, AGREED, OBJECTED]))


def test_a_single_consent_holds():
    for known in (None, AGREED, OBJECTED):
        assert consent.combine([known]) == known
    assert consent.combine([]) is None


@given(CONSENTS)
def test_the_most_restrictive_consent_holds(consents):
    combined = consent.combine(consents)
    for mode, single in itertools.product(MODES, consents):
        if consent.permits(combined, mode):
            assert consent.permits(single, mode), (
                "no person is tracked against a single consent"
            )
    if consents and all(
        consent.permits(single, mode) for single in consents for mode in MODES
    ):
        assert combined == AGREED, "all single consents permit tracking"


@given(CONSENTS, st.randoms())
def test_the_order_does_not_matter(consents, random):
    shuffled = random.sample(consents, len(consents))
    assert consent.combine(shuffled) == consent.combine(consents)


def test_the_tracking_level_of_a_copy():
    levels = {
        (known, mode): consent.get_tracking_level(known, mode)
        for known in (None, AGREED, OBJECTED)
        for mode in MODES
    }
    assert levels == {
        (None, UNLESS_OBJECTED): PERSON,
        (None, WHEN_AGREED): AGGREGATE,
        (AGREED, UNLESS_OBJECTED): PERSON,
        (AGREED, WHEN_AGREED): PERSON,
        (OBJECTED, UNLESS_OBJECTED): NOTHING,
        (OBJECTED, WHEN_AGREED): NOTHING,
    }
