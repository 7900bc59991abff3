"""tools/line_folding: tracked URLs that email clients broke into several lines."""

import html as html_lib
import re
from email.message import Message

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import line_folding, returned_urls
from odoo.addons.pipeline_tracking.tools.line_folding import DELSP, FLOWED
from odoo.addons.pipeline_tracking.tools.tracking_token import (
    LINK,
    OBJECTION,
    OPEN,
    Token,
)

from ..helpers.time_limit import within
from ..helpers.wrapped_urls import (
    FOREIGN,
    GOOGLE_PROXY,
    HOST,
    IMAGE,
    KEYS,
    LINK_TEXT,
    SAFE_LINKS,
    TRACKED,
    URL,
    WRAPPERS,
    sign,
    wrap,
)

ids = st.integers(1, 2**40)
OBJECTION_URL = f"{HOST}/t/stop/{sign(Token(OBJECTION, 3, -5))}"


def restore(text, folding, *, is_html=False):
    if not returned_urls.may_hold_tracked_url(text, folding):
        return text
    quoted_text = returned_urls.QuotedText(text, KEYS, is_html=is_html, folding=folding)
    return quoted_text.restore(
        {(token.link_id, token.link_nonce): URL for token in quoted_text.link_tokens}
    )


def flow(text, width, *, prefix="", stuffing=""):
    """Fold a text like an email client that breaks words, with ``DelSp=yes``."""
    lines = []
    for paragraph in text.split("\n"):
        rows = [paragraph[i : i + width] for i in range(0, len(paragraph), width)]
        lines += [f"{row} " for row in rows[:-1]] + rows[-1:]
    return "\n".join(
        f"{prefix}{' ' if line[:1] in (' ', '>') else stuffing}{line}" for line in lines
    )


def unflow(text, prefix):
    """Return the text before folding (RFC 3676, section 4.5)."""
    lines = [""]
    for line in html_lib.unescape(text).split("\n"):
        content = line.removeprefix(prefix)
        content = content[1:] if content[:1] == " " else content
        if content.endswith(" "):
            lines[-1] += content[:-1]
        else:
            lines[-1] += content
            lines.append("")
    return "\n".join(lines[:-1])


def break_after(text, width, marks="-/"):
    """Fold a text like an email client that breaks URLs after "-" and "/"."""
    lines = [""]
    for piece in re.findall(rf"[^{marks} ]*[{marks} ]?", text):
        if len(lines[-1]) + len(piece) > width and lines[-1][-1:] in [*marks, " "]:
            lines.append("")
        lines[-1] += piece
    return " \n".join(line.rstrip(" ") for line in lines)


tracked_urls = st.one_of(
    st.builds(
        Token,
        st.just(LINK),
        ids,
        st.integers(-(2**31), 2**31 - 1),
        ids,
        st.integers(-(2**31), 2**31 - 1),
        st.sampled_from(["", "a_db"]),
    ),
    st.builds(Token, st.just(OPEN), ids, st.just(-5)),
    st.builds(Token, st.just(OBJECTION), ids, st.just(-5)),
).map(
    lambda value: "{}/t/{}{}{}".format(
        HOST,
        "stop/" * (value.kind == OBJECTION),
        sign(value),
        ".gif" * (value.kind == OPEN),
    )
)
shapes = st.sampled_from(["{plain}", GOOGLE_PROXY, *WRAPPERS.values()])


def restored_url(url):
    if url.endswith(".gif"):
        return ""
    return returned_urls.NOWHERE if "/stop/" in url else URL


@given(
    tracked_urls,
    shapes,
    st.integers(1, 78),
    st.sampled_from([("", ""), (">", ""), (">", " "), (">>", " "), ("", " ")]),
    st.booleans(),
)
@example(
    "https://odoo.acme.example.com/t/EQEB____-5vetn6dzYMN_IMMSw.gif",
    "https://x.r.us-east-1.awstrack.me/L0/{slashes}/1/0100018f-00/aB1_=375",
    6,
    ("", ""),
    False,
)
def test_any_breaks_of_any_url(url, shape, width, start, escaped):
    """With DelSp, email clients can break a word anywhere."""
    prefix, stuffing = start
    # A URL at the start of a line is a new URL: `test_a_line_that_begins_with_a_url`.
    wrapped_at = len("See  ") + shape.find("{plain}")
    if shape.find("{plain}") > 0 and wrapped_at % width == 0:
        return
    text = f"Thanks\nSee  {{}}  and so on\n{'-' * width}- and/or {FOREIGN}"
    flowed = flow(
        text.format(wrap(shape, url)), width, prefix=prefix, stuffing=stuffing
    )
    assert unflow(flowed, prefix) == text.format(wrap(shape, url))
    if escaped:
        flowed = html_lib.escape(flowed)
    restored = restore(flowed, DELSP, is_html=escaped)
    unflowed, expected = unflow(restored, prefix), text.format(restored_url(url))
    if url.endswith(".gif"):  # a line with only this URL becomes an empty line
        unflowed, expected = "".join(unflowed.split()), "".join(expected.split())
    assert unflowed == expected


@given(tracked_urls, st.integers(20, 78), st.sampled_from([FLOWED, DELSP]))
def test_breaks_after_a_hyphen_or_a_slash(url, width, folding):
    text = break_after(f"See {url} and so on", width)
    restored = restore(text, folding)
    assert re.search("/t/(?:stop/)?([A-Za-z0-9_-]+)", url)[1][-20:] not in restored
    expected = f"See {restored_url(url)} and so on"
    assert restored.replace(" \n", " ").split() == expected.split()


@given(
    st.lists(
        st.sampled_from(
            [" \n", "\n", "- \n", "> ", "/t/", "a", "-", "https://", FOREIGN, "<", "&"]
            + [" ", TRACKED[:40], LINK_TEXT[:30], LINK_TEXT[30:]]
        ),
        max_size=20,
    ).map("".join),
    st.sampled_from([FLOWED, DELSP]),
)
def test_other_text_is_unchanged(text, folding):
    if LINK_TEXT not in line_folding.UnfoldedText(text, folding).text:
        assert restore(text, folding) == text


@pytest.mark.parametrize("folding", [FLOWED, DELSP])
@pytest.mark.parametrize(
    "before, after",
    [
        (f"{TRACKED}\nThanks", f"{URL}\nThanks"),
        (f"{TRACKED}\n> Thanks", f"{URL}\n> Thanks"),
        (f"{FOREIGN}- \n{TRACKED}", f"{FOREIGN}- \n{URL}"),
        (f"https://x.example.org/ \n{TRACKED}", f"https://x.example.org/ \n{URL}"),
        (f"{TRACKED} \n{TRACKED}", f"{URL} \n{URL}"),
        (f"https://x.example.org/-\n/t/{LINK_TEXT[:-1]}", None),
        ("-- \nSally", None),
        ("well- \nknown/ \nwords", None),
    ],
)
def test_lines_that_follow_one_another(before, after, folding):
    assert restore(before, folding) == (before if after is None else after)


def test_lines_broken_by_apple_mail():
    at = TRACKED.index("/t/") + 20
    text = (
        f"> See our prices <{TRACKED[:at]} \n> {TRACKED[at:]}> and \n> more.\n"
        f"> <{IMAGE[:at]} \n> {IMAGE[at:]}>\n"
    )
    assert restore(text, DELSP) == f"> See our prices <{URL}> and \n> more.\n> \n"
    assert restore(html_lib.escape(text), DELSP, is_html=True) == html_lib.escape(
        f"> See our prices <{URL}> and \n> more.\n> \n"
    )


def test_a_line_that_begins_with_a_url():
    """A URL at the start of a line is not joined to the previous line."""
    before = wrap(GOOGLE_PROXY, "")
    assert restore(f"{before} \n{IMAGE}", DELSP) == f"{before} \n"
    assert restore(f"{FOREIGN} \n{IMAGE}", DELSP) == f"{FOREIGN} \n"


def test_a_broken_link_that_a_gateway_wrapped():
    wrapped = wrap(SAFE_LINKS, OBJECTION_URL)
    assert restore(flow(f"Stop: {wrapped}\nBye", 72), DELSP) == "Stop: #\nBye"


@pytest.mark.parametrize(
    "content_type, folding",
    [
        ("text/plain", None),
        ("text/plain; format=fixed; delsp=yes", None),
        ("text/plain; format=flowed", FLOWED),
        ('text/plain; charset="utf-8"; Format="Flowed"; DelSp="Yes"', DELSP),
        ("text/plain; format=flowed; delsp=no", FLOWED),
        ("text/html; format=flowed", None),
    ],
)
def test_read_folding(content_type, folding):
    message = Message()
    message["Content-Type"] = content_type
    assert line_folding.read_folding(message) == folding


@pytest.mark.parametrize(
    "part",
    [
        " \n",
        " \n>",
        "> ",
        "- \n",
        " \n> https:",
        "https://",
        f"{TRACKED[:60]} \n",
        f"{TRACKED[:60]} \n{TRACKED[60:]} \n",
        "/t/ \n" + "a" * 30,
        "/t/" + "a" * 26 + " \n",
        f"https://x/t/{'a' * 26} \n" + "a \n" * 200,
    ],
)
@pytest.mark.parametrize("folding", [FLOWED, DELSP])
def test_time_grows_with_length_only(part, folding):
    half = part * (1_000_000 // len(part))
    with within(20):
        restore(f"{half} https://x.example.com/{half} {TRACKED} {half}", folding)
