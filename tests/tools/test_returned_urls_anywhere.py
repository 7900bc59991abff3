"""tools/returned_urls: restores tracked URLs in any text of any length."""

import html as html_lib
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import returned_urls
from odoo.addons.pipeline_tracking.tools.tracking_token import OPEN, Token

from ..helpers.time_limit import within
from ..helpers.wrapped_urls import (
    FOREIGN,
    FOREIGN_IMAGE,
    GOOGLE_PROXY,
    HOST,
    IMAGE,
    KEYS,
    SAFE_LINKS,
    TRACKED,
    WRAPPERS,
    WRITTEN,
    link_token,
    restore,
    sign,
    wrap,
)

ids = st.integers(1, 2**40)
pieces = st.sampled_from(
    [
        *"<>&;\"'/=%# \n()[],._-tF",
        *"<p> </p> <!-- --> <!--[if|mso]> <![endif]--> <style> </style>".split(),
        *"&lt; &gt; &amp; &nbsp; <img|src= <img|src='x'> <a|href=\"".split(),
        "é",
        "/t/",
        "%2Ft%2F",
        "https://",
        "https%3A%2F%2F",
        "https://x.example.com/",
        FOREIGN,
        FOREIGN_IMAGE,
        wrap(SAFE_LINKS, FOREIGN),
    ]
)
surroundings = st.lists(pieces, max_size=12).map("".join)
surroundings = surroundings.map(lambda text: text.replace("|", " "))
tracked_urls = st.one_of(
    st.builds(link_token, st.just(7), ids, st.sampled_from(["", "a_db", "é"])),
    st.builds(Token, st.just(OPEN), ids, ids.map(lambda number: number % 2**31)),
).map(lambda value: f"{HOST}/t/{sign(value)}{'.gif' * (value.kind == OPEN)}")
shapes = st.sampled_from(["{plain}", GOOGLE_PROXY, *WRAPPERS.values()])


@given(surroundings, tracked_urls, shapes, surroundings)
@example("https://x.example.com/", TRACKED, "{plain}", "")
def test_no_tracked_url_is_left(before, url, shape, after):
    html = f"{before} {wrap(shape, url)} {after}"
    text = re.search("/t/([A-Za-z0-9_-]+)", url)[1]
    restored = restore(html)
    assert text not in restored
    assert restore(restored) == restored


@given(surroundings, tracked_urls, surroundings)
def test_nothing_else_changes(before, url, after):
    """Only the tracked URL changes, if brackets mark its end."""
    html = f"{before} &lt;{url}&gt; {after}"
    unchanged = f"&lt;{WRITTEN}&gt;"
    if not url.endswith(".gif"):
        assert restore(html) == f"{before} {unchanged} {after}"
    elif "<img" not in before:
        assert restore(html) == f"{before}  {after}"


@given(surroundings)
def test_text_without_tracked_urls_is_unchanged(html):
    assert restore(html) == html
    assert not returned_urls.QuotedText(html, KEYS)


# ------------------------------------------------------------
# Time
# ------------------------------------------------------------

LENGTH = 5_000_000


@pytest.mark.parametrize(
    "part",
    [
        f'<p>x <a href="{TRACKED}">y</a></p>',
        f'<a href="{html_lib.escape(wrap(SAFE_LINKS, TRACKED))}">y</a>',
        f'<a href="{FOREIGN}">y</a>',
        f'<img src="{IMAGE}">',
        f'<img src="{FOREIGN_IMAGE}">',
        TRACKED,
        FOREIGN,
        "/t/" + "_" * 200,
        "/t/" + "a" * 50,
        "/t/",
        "t/",
        "t%25",
        "%2Ft",
        "-3A__",
        "-3A__a_t_" + "a" * 26,
        "https://",
        "https%3A%2F%2F",
        "https:/t/" + "a" * 25 + "___%252525 ",
        "https:&amp;,;",
        "[" + IMAGE,
        "&lt;",
        "<",
        "a",
        "é",
    ],
)
def test_five_megabytes(part):
    half = part * (LENGTH // len(part) // 2)
    html = f"{half} https://x.example.com/{half}"
    with within(20):
        restored = restore(f"{html} {TRACKED} {IMAGE}")
    assert restored.endswith(f" {WRITTEN} ")
