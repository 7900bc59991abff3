"""tools/first_words: the words that name an email without a subject of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.first_words import (
    MAX_LENGTH,
    read_first_words,
    shorten,
)


@pytest.mark.parametrize(
    "html, words",
    [
        ("<p>Hello Mat, here is our offer.</p>", "Hello Mat, here is our offer."),
        ("plain &amp; simple", "plain & simple"),
        ("<p>Hello</p><p>Mat</p>", "Hello Mat"),
        ("Hello<br>Mat", "Hello Mat"),
        (
            "<p>P<b>rice</b> of <a href='https://x.com'>chairs</a></p>",
            "Price of chairs",
        ),
        ("<p>Hello</p><blockquote>Quoted</blockquote><p>you</p>", "Hello you"),
        ("<div class='gmail_quote'>Quoted</div>", ""),
        (
            "<blockquote data-o-mail-quote='1'>Quoted</blockquote><p>Thanks</p>",
            "Thanks",
        ),
        ("<p>Hi</p><div class='o-signature-container'>-- <br>Sally</div>", "Hi"),
        ("<style>p {color: red}</style><title>T</title><p>Hi</p>", "Hi"),
        ("<!-- draft --><p>Hi<!-- there --></p>", "Hi"),
        ("<p>See https://x.com/a?token=1</p>", "See x.com"),
        ("<p><img src='https://x.com/logo.png' alt='Logo'></p>", ""),
        ("<p><br></p>", ""),
        ("<p>&nbsp;Hi&nbsp; you </p>", "Hi you"),
        ("", ""),
        ("<html><body><p>Hi</p></body></html>", "Hi"),
        ("<?xml version='1.0' encoding='utf-8'?><p>Hi</p>", "Hi"),
        ("<p>1 < 2 and <b>bold", "1 < 2 and bold"),
    ],
)
def test_first_words(html, words):
    assert read_first_words(html) == words


def test_long_texts_are_cut_between_words():
    words = read_first_words(f"<p>{'word ' * 100}</p>")
    assert words.endswith(" word…")
    assert MAX_LENGTH - 5 < len(words) <= MAX_LENGTH
    assert read_first_words("<p>one two three</p>", 8) == "one two…"


def test_text_of_the_greatest_length_is_not_cut():
    text = "a" * 29 + " " + "b" * 30
    assert read_first_words(f"<p>{text}</p>") == text
    assert read_first_words(f"<p>{text} c</p>") == text[:30].strip() + "…"


def test_one_long_word_is_cut():
    assert shorten("報價單" * 40) == ("報價單" * 20)[: MAX_LENGTH - 1] + "…"


def test_only_the_beginning_is_read():
    assert read_first_words("<p>Hi</p>" + "<div>" * 500_000) == "Hi"


@given(st.text(alphabet="<>/!-&;ab =\"'p\n", max_size=200))
def test_any_text_is_read(html):
    words = read_first_words(html)
    assert len(words) <= MAX_LENGTH
    assert words == " ".join(words.split())
