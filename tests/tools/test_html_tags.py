"""tools/html_tags: finds the same tags as an independent parser, in linear time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import html_tags

from ..helpers import html_oracle
from ..helpers.time_limit import within

ALL = frozenset("a area b body div img p table td tr html head".split())


def names(html, **options):
    return [
        ("/" if tag.closing else "") + tag.name
        for tag in html_tags.find_tags(html, ALL, **options)
    ]


@pytest.mark.parametrize(
    "html, expected",
    [
        ("<p>x</p>", ["p", "/p"]),
        ("<P\nCLASS=x>", ["p"]),
        ("a < b <c <p>", []),
        ("1 < 2<p>", ["p"]),
        ("<p title='>'><p title=\">\"><p title=>>", ["p", "p", "p"]),
        ("<p a = b c= d e ='f'g=\"h\"i/j><b>", ["p", "b"]),
        ("<p =x=y><b>", ["p", "b"]),
        ("<p a='1' a=\"2\"a=3/><b>", ["p", "b"]),
        ("<p/><b/ ><td / class=x>", ["p", "b", "td"]),
        ("<p <b>", ["p"]),
        ("<!doctype html><p><?xml <b>?><p><![if x]><p><![endif]></ x><p></><p>", 5),
        ("<!--<p>--><b><!-- <p> --!><b><!--><b><!---><b><!--->--><b>", 5),
        ("<!--!><p>--><b>", ["b"]),
        ("<script><p></script><b><STYLE><p></sTyle ><b><title/><p></title><b>", 3),
        ("<textarea></textareas><p></textarea><b>", ["b"]),
        ("<ab><a><abc>", ["a"]),
        ("<a/><a>", ["a", "a"]),
    ],
)
def test_tags(html, expected):
    tag_names = names(html)
    if isinstance(expected, int):
        assert len(tag_names) == expected and len(set(tag_names)) == 1, tag_names
    else:
        assert [name for name in tag_names if name] == expected


@pytest.mark.parametrize(
    "html",
    ["x<p", "x<p class='", "x<!-- <p>", "x<style><p>", "x<plaintext><p></plaintext>"],
)
def test_unclosed_markup_swallows_the_rest(html):
    assert names(html) == [html_tags.SWALLOWED]
    (swallowed,) = html_tags.find_tags(html, ALL)
    assert (swallowed.start, swallowed.end) == (1, len(html))


def test_conditional_comments():
    html = (
        "<!--[if mso]><p><!-- --><b><![endif]-->"
        "<!--[IF (gte mso 9)|(IE)]><td><![endif]-->"
    )
    assert names(html) == ["b"]
    tags = list(html_tags.find_tags(html, ALL, conditional=True))
    assert [(tag.name, tag.conditional) for tag in tags] == [
        ("p", True),
        ("b", False),
        ("td", True),
    ]


def test_revealed_conditional_comments_are_ordinary_html():
    html = "<!--[if !mso]><!--><p><!--<![endif]--><![if !mso]><b><![endif]>"
    tags = list(html_tags.find_tags(html, ALL, conditional=True))
    assert [(tag.name, tag.conditional) for tag in tags] == [
        ("p", False),
        ("b", False),
    ]


def test_comments():
    html = "<p><!-- a --><!DOCTYPE x>"
    tags = html_tags.find_tags(html, frozenset([html_tags.COMMENT]))
    assert [html[tag.start : tag.end] for tag in tags] == [
        "<!-- a -->",
        "<!DOCTYPE x>",
    ]


def test_attributes():
    html = """<a Href = 'x' title="&amp;" HREF=y disabled class=a/b empty="" z=>"""
    (tag,) = html_tags.find_tags(html, ALL)
    assert [
        (name, html[slice(*span)])
        for name, span in html_tags.read_attributes(html, tag)
    ] == [
        ("href", "x"),
        ("title", "&amp;"),
        ("href", "y"),
        ("disabled", ""),
        ("class", "a/b"),
        ("empty", ""),
        ("z", ""),
    ]
    assert html[slice(*html_tags.find_attribute(html, tag, "href"))] == "x"
    assert html_tags.find_attribute(html, tag, "disabled") is not None
    assert html_tags.find_attribute(html, tag, "nosuch") is None


@pytest.mark.parametrize(
    "written, meant",
    [
        ("a&amp;b", "a&b"),
        ("?a=1&copy=2&copy;3&copy4&copy", "?a=1&copy=2©3&copy4©"),
        ("&#38;&#x26;&#38", "&&&"),
        ("&nosuch;&", "&nosuch;&"),
    ],
)
def test_decode(written, meant):
    assert html_tags.decode(written) == meant


soup = st.lists(
    st.sampled_from(
        """<a href="1"> <a|href=2> <A|HREF='3'|> </a> <p> </p> <b|c </b> > < " ' = /
        <!-- --> -- <!- <! <? </ <td|a=b|c="d"e='f'/> <p|=a|==b> <p/a/b=c/d> <p<p> &amp;
        x <style> </style> <title> </title> <p|a="> <p|a='>""".split()
    ).map(lambda text: text.replace("|", " "))
    | st.sampled_from([" ", "\n", "\f", "x y"]),
    max_size=30,
).map("".join)


@given(soup)
def test_an_independent_parser_sees_the_same_attributes(html):
    """Compare sorted attributes, because the parser's tree moves some elements."""
    expected = sorted(
        (tag, name, value)
        for kind, tag, name, value in filter(
            lambda event: event[0] == "attribute", html_oracle.events(html)
        )
        if tag in ("a", "p", "b", "td")
    )
    our_attributes = []
    wanted = frozenset(("a", "p", "b", "td"))
    for tag in html_tags.find_tags(html, wanted):
        if not tag.closing and tag.name:
            values = {}
            for name, span in html_tags.read_attributes(html, tag):
                values.setdefault(name, html_tags.decode(html[slice(*span)]))
            our_attributes += [
                (tag.name, name, value) for name, value in values.items()
            ]
    # The tree has some elements twice (formatting continues in the next paragraph), and
    # drops elements in invalid positions (a cell outside a table).
    assert set(expected) <= set(our_attributes)
    assert {attribute for attribute in our_attributes if attribute[0] != "td"} <= set(
        expected
    )


@pytest.mark.parametrize(
    "piece",
    [
        "<", "<a", "<a ", "<a b", "<a b=", '<a b="', "<a b='c'", "<!", "<!--",
        "<!-- -", "--", "</", "<?", "<p>", "<p a=b>", "<p a=b/", "<a href=x/y ",
        "a=b/c ", " ", "/", "<style>", "</style", "<!--[if mso]>", "<![endif]-->",
        "<v:rect href='x'>", '"', "<a b=c <", "= ", "<table>", "&", "&amp",
    ],
)  # fmt: skip
@pytest.mark.parametrize("opening", ["", "<a ", '<a b="', "<!--", "<p x"])
def test_time_grows_with_length_only(opening, piece):
    """Regular expressions do not backtrack, which would take minutes."""
    for ending in ("", ">", '">', "-->"):
        html = opening + piece * 20_000 + ending
        with within(seconds=20):
            for tag in html_tags.find_tags(html, ALL | {"v:*"}, conditional=True):
                list(html_tags.read_attributes(html, tag))


@given(st.lists(soup, max_size=4).map("".join), st.integers(1, 3))
def test_time_grows_with_length_only_for_any_repeated_piece(piece, split):
    html = piece[:split] + piece[split:] * (100_000 // (len(piece) + 1))
    with within(seconds=20):
        for tag in html_tags.find_tags(html, ALL | {"v:*"}, conditional=True):
            list(html_tags.read_attributes(html, tag))


def test_the_pattern_is_compiled_once_for_the_same_names():
    assert html_tags._next_markup(ALL) is html_tags._next_markup(ALL)
    assert isinstance(html_tags._next_markup(ALL), re.Pattern)
