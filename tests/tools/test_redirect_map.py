"""tools/redirect_map: each line maps a tracked URL to its destination."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import address, redirect_map, tracking_token

from ..helpers import nginx_map

KEYS = {1: b"k" * 64, 3: b"j" * 64}
LINK = tracking_token.Token(tracking_token.LINK, 7, -8, 9, -10)

awkward = st.text('$"\\{}; #~\n\r\t%aé漢', max_size=40)
urls = st.one_of(awkward, st.text(max_size=40)).map("https://x.com/".__add__)
ids = st.integers(1, 2**63 - 1)
nonces = st.integers(-(2**31), 2**31 - 1)
links = st.builds(
    tracking_token.Token, st.just(tracking_token.LINK), ids, nonces, ids, nonces
)


def lines(*pairs, databases=("",), key_ids=(1,)):
    keys = {key_id: KEYS[key_id] for key_id in key_ids}
    return "".join(redirect_map.render_lines(pairs, keys, databases))


@given(urls)
def test_a_line_leads_to_the_destination(url):
    written = lines((LINK, url))
    assert written.isascii() and written.count("\n") == 1
    path = f"/t/{tracking_token.sign(LINK, 1, KEYS[1])}"
    assert nginx_map.read(written) == {path: address.to_location_header(url)}


@given(
    st.dictionaries(links, urls, max_size=5),
    st.lists(st.text(min_size=1, max_size=20), max_size=1),
)
def test_a_line_for_each_possible_url(destinations, names):
    written = nginx_map.read(
        lines(*destinations.items(), databases=["", *names], key_ids=KEYS)
    )
    expected = {
        "/t/"
        + tracking_token.sign(
            tracking_token.Token(
                tracking_token.LINK,
                link.email_id,
                link.email_nonce,
                link.link_id,
                link.link_nonce,
                name,
            ),
            key_id,
            secret,
        ): address.to_location_header(url)
        for link, url in destinations.items()
        for name in ("", *names)
        for key_id, secret in KEYS.items()
    }
    assert written == expected


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://x.com/a?b=1&c=[2]#d", '"https://x.com/a?b=1&c=[2]#d"'),
        ('https://x.com/"a"', r'"https://x.com/\"a\""'),
        (r"https://x.com/\n", r'"https://x.com/\\n"'),
        ("https://x.com/$uri", '"https://x.com/${tracked_dollar}uri"'),
        ("https://bücher.example/é", '"https://xn--bcher-kva.example/%C3%A9"'),
    ],
)
def test_quoted(url, value):
    assert redirect_map.quote(url) == value


def test_a_destination_that_is_too_long_becomes_a_comment():
    longest = "https://x.com/".ljust(redirect_map.MAX_LENGTH, "a")
    written = lines((LINK, longest + "a"))
    assert (
        written == f"# too long for nginx: /t/{tracking_token.sign(LINK, 1, KEYS[1])}\n"
    )
    assert nginx_map.read(lines((LINK, longest))).popitem()[1] == longest
