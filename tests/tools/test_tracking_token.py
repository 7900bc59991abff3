"""tools/tracking_token: accepts signed tokens and refuses all other texts."""

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


def assert_refused(text, kind):
    with pytest.raises(InvalidToken):
        tracking_token.verify(text, kind, KEYS)


@given(tokens, st.sampled_from(sorted(KEYS)))
def test_verify_returns_the_signed_token(value, key_id):
    assert tracking_token.verify(sign(value, key_id), value.kind, KEYS) == value


@given(tokens)
def test_a_token_fits_a_url(value):
    text = sign(value)
    assert len(text) <= tracking_token.MAX_LENGTH
    assert set(text) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def test_a_usual_token_is_short():
    value = Token(LINK, 1_000_000, 2**31 - 1, 5_000_000, 2**31 - 1)
    assert len(sign(value)) <= 42


@given(tokens)
def test_another_kind_is_refused(value):
    assert_refused(sign(value), LINK if value.kind == OPEN else OPEN)


@given(tokens, st.data())
def test_any_changed_character_is_refused(value, data):
    text = sign(value)
    position = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(
        st.sampled_from("ABCxyz019-_").filter(lambda c: c != text[position])
    )
    assert_refused(text[:position] + other + text[position + 1 :], value.kind)


@given(tokens, st.data())
def test_truncated_or_longer_is_refused(value, data):
    text = sign(value)
    assert_refused(text[: data.draw(st.integers(0, len(text) - 1))], value.kind)
    assert_refused(
        text + data.draw(st.text("Az0-_", min_size=1, max_size=9)), value.kind
    )


@given(st.text(), st.sampled_from([OPEN, LINK]))
def test_any_text_is_refused(text, kind):
    assert_refused(text, kind)


@given(st.binary(max_size=60), st.sampled_from([OPEN, LINK]))
def test_any_bytes_are_refused(raw, kind):
    assert_refused(base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), kind)


def test_a_too_long_text_is_refused_before_decoding():
    assert_refused("A" * 1_000_000, OPEN)


def test_parts_of_two_tokens_do_not_make_a_third():
    """A link token cannot be composed from the tokens of two links."""
    first = base64.urlsafe_b64decode(sign(Token(LINK, 1, 11, 2, 22)) + "==")
    second = base64.urlsafe_b64decode(sign(Token(LINK, 1, 11, 3, 33)) + "==")
    assert len(first) == len(second)
    for cut in range(1, len(first)):
        mixed = (
            base64.urlsafe_b64encode(first[:cut] + second[cut:]).rstrip(b"=").decode()
        )
        if mixed not in (
            sign(Token(LINK, 1, 11, 2, 22)),
            sign(Token(LINK, 1, 11, 3, 33)),
        ):
            assert_refused(mixed, LINK)


def test_tokens_of_a_deleted_or_changed_key_are_refused():
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
def test_the_database_name_is_read_without_a_key(value):
    assert tracking_token.read_database_name(sign(value)) == value.database


@given(st.one_of(st.text(), st.binary(max_size=60)))
def test_reading_a_database_name_from_any_text(text_or_bytes):
    text = text_or_bytes
    if isinstance(text_or_bytes, bytes):
        text = base64.urlsafe_b64encode(text_or_bytes).rstrip(b"=").decode()
    assert isinstance(tracking_token.read_database_name(text), str)
