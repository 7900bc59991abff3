"""tools/consent: combine consents of an address; decide how far it is tracked."""

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
SAYINGS = st.lists(st.sampled_from([None, AGREED, OBJECTED]))


def test_one_says_what_holds():
    for said in (None, AGREED, OBJECTED):
        assert consent.combine([said]) == said
    assert consent.combine([]) is None


@given(SAYINGS)
def test_the_most_restrictive_holds(said):
    combined = consent.combine(said)
    for mode, one in itertools.product(MODES, said):
        if consent.permits(combined, mode):
            assert consent.permits(one, mode), "nobody is tracked who would not be"
    if said and all(consent.permits(one, mode) for one in said for mode in MODES):
        assert combined == AGREED, "nor the other way round"


@given(SAYINGS, st.randoms())
def test_the_order_does_not_matter(said, random):
    shuffled = random.sample(said, len(said))
    assert consent.combine(shuffled) == consent.combine(said)


def test_how_far_a_copy_is_tracked():
    levels = {
        (said, mode): consent.get_tracking_level(said, mode)
        for said in (None, AGREED, OBJECTED)
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
