"""tools/tracking_token: signed tokens are read back, and anything else is refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import tracking_token
from odoo.addons.pipeline_tracking.tools.tracking_token import (
    LINK,
    OPEN,
    InvalidToken,
    Token,
)

KEYS = {1: b"k" * 64, 2: b"j" * 64}

ids = st.integers(1, 2**63 - 1)
nonces = st.integers(-(2**31), 2**31 - 1)
databases = st.one_of(st.just(""), st.text(min_size=1, max_size=20))
opens = st.builds(
    Token, kind=st.just(OPEN), email_id=ids, email_nonce=nonces, database=databases
)
links = st.builds(
    Token,
    kind=st.just(LINK),
    email_id=ids,
    email_nonce=nonces,
    link_id=ids,
    link_nonce=nonces,
    database=databases,
)
tokens = st.one_of(opens, links)


def sign(value, key_id=1):
    return tracking_token.sign(value, key_id, KEYS[key_id])


def refused(text, kind):
    with pytest.raises(InvalidToken):
        tracking_token.verify(text, kind, KEYS)


@given(tokens, st.sampled_from(sorted(KEYS)))
def test_what_was_signed_is_read(value, key_id):
    assert tracking_token.verify(sign(value, key_id), value.kind, KEYS) == value


@given(tokens)
def test_it_fits_a_url(value):
    text = sign(value)
    assert len(text) <= tracking_token.MAX_LENGTH
    assert set(text) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def test_it_is_short():
    value = Token(LINK, 1_000_000, 2**31 - 1, 5_000_000, 2**31 - 1)
    assert len(sign(value)) <= 42


@given(tokens)
def test_the_other_kind_is_refused(value):
    refused(sign(value), LINK if value.kind == OPEN else OPEN)


@given(tokens, st.data())
def test_any_changed_character_is_refused(value, data):
    text = sign(value)
    position = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(
        st.sampled_from("ABCxyz019-_").filter(lambda c: c != text[position])
    )
    refused(text[:position] + other + text[position + 1 :], value.kind)


@given(tokens, st.data())
def test_truncated_or_longer_is_refused(value, data):
    text = sign(value)
    refused(text[: data.draw(st.integers(0, len(text) - 1))], value.kind)
    refused(text + data.draw(st.text("Az0-_", min_size=1, max_size=9)), value.kind)


@given(st.text(), st.sampled_from([OPEN, LINK]))
def test_anything_else_is_refused(text, kind):
    refused(text, kind)


@given(st.binary(max_size=60), st.sampled_from([OPEN, LINK]))
def test_any_bytes_are_refused(raw, kind):
    refused(base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), kind)


def test_oversized_is_refused_before_it_is_read():
    refused("A" * 1_000_000, OPEN)


def test_another_link_of_another_email_cannot_be_put_together():
    """The parts of two tokens make no third."""
    ours = base64.urlsafe_b64decode(sign(Token(LINK, 1, 11, 2, 22)) + "==")
    theirs = base64.urlsafe_b64decode(sign(Token(LINK, 1, 11, 3, 33)) + "==")
    assert len(ours) == len(theirs)
    for cut in range(1, len(ours)):
        mixed = (
            base64.urlsafe_b64encode(ours[:cut] + theirs[cut:]).rstrip(b"=").decode()
        )
        if mixed not in (
            sign(Token(LINK, 1, 11, 2, 22)),
            sign(Token(LINK, 1, 11, 3, 33)),
        ):
            refused(mixed, LINK)


def test_a_key_that_is_gone_or_changed_signs_nothing():
    text = sign(Token(OPEN, 1, 1), key_id=2)
    assert tracking_token.verify(text, OPEN, KEYS)
    for keys in ({}, {1: KEYS[1]}, {2: b"x" * 64}):
        with pytest.raises(InvalidToken):
            tracking_token.verify(text, OPEN, keys)


def test_nonces_fit_the_column_and_differ():
    nonces = {tracking_token.new_nonce() for _ in range(1000)}
    assert len(nonces) > 990
    assert all(-(2**31) <= nonce < 2**31 for nonce in nonces)


@given(tokens)
def test_the_database_it_names_is_read_without_a_key(value):
    assert tracking_token.read_database_name(sign(value)) == value.database


@given(st.one_of(st.text(), st.binary(max_size=60)))
def test_anything_else_names_no_database_or_any(anything):
    text = anything
    if isinstance(anything, bytes):
        text = base64.urlsafe_b64encode(anything).rstrip(b"=").decode()
    assert isinstance(tracking_token.read_database_name(text), str)
