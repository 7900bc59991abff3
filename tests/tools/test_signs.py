"""tools/signs: signs are weighed, and the actor is graded."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import signs
from odoo.addons.pipeline_tracking.tools.actors import (
    INTERNAL,
    MACHINE,
    RECIPIENT,
    UNKNOWN,
)

CODES = [sign.code for sign in signs.SIGNS]


def test_each_sign_has_a_weight_and_a_source():
    assert len(set(CODES)) == len(CODES)
    for sign in signs.SIGNS:
        assert sign.weight and sign.kinds and sign.source


def test_no_sign_alone_proves_a_machine():
    for code in CODES:
        assert signs.decide_actor(signs.get_score([code])) != MACHINE


def test_signs_add_up():
    detonation = [signs.CLOUD_NETWORK, signs.SOON, signs.NOT_OPENED]
    assert signs.decide_actor(signs.get_score(detonation)) == MACHINE
    # A person in a data center's virtual desktop, who opened the email before.
    person = [signs.CLOUD_NETWORK, signs.LATER, signs.OPENED_BEFORE]
    assert signs.decide_actor(signs.get_score(person)) == RECIPIENT


def test_grades_of_a_recipient():
    def grade(*codes, is_email_client=False):
        return signs.grade(RECIPIENT, signs.get_score(codes, is_email_client), False)

    assert grade() == signs.MEDIUM
    assert grade(signs.OPENED_BEFORE) == signs.HIGH
    assert grade(signs.LATER, signs.NOT_OPENED) == signs.MEDIUM
    assert grade(signs.SOON, signs.NOT_OPENED) == signs.LOW
    assert grade(signs.AT_ONCE) == signs.LOW
    # An email client that loads an image at once, as it does if it is open.
    assert grade(signs.AT_ONCE, is_email_client=True) == signs.HIGH


def test_grades_of_other_actors():
    assert signs.grade(UNKNOWN, -9, True) == signs.LOW
    for actor in (MACHINE, INTERNAL):
        assert signs.grade(actor, -9, True) == signs.HIGH
        assert signs.grade(actor, -9, False) == signs.MEDIUM


@given(st.lists(st.sampled_from(CODES), unique=True), st.sampled_from(CODES))
def test_a_sign_of_a_machine_never_raises_the_grade(codes, code):
    weight = signs.get_score([code])
    before = signs.grade(RECIPIENT, signs.get_score(codes), False)
    after = signs.grade(RECIPIENT, signs.get_score([*codes, code]), False)
    change = signs.GRADES.index(after) - signs.GRADES.index(before)
    assert change <= 0 if weight > 0 else change >= 0
