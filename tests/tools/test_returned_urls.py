"""tools/returned_urls: restores tracked URLs, wrapped or not, and no other URLs."""

import html as html_lib
from urllib.parse import quote

import pytest

from odoo.addons.pipeline_tracking.tools import returned_urls

from ..helpers.wrapped_urls import (
    FOREIGN,
    FOREIGN_IMAGE,
    GONE,
    GOOGLE_PROXY,
    HOST,
    IMAGE,
    KEYS,
    LINK_TEXT,
    SAFE_LINKS,
    TRACKED,
    URL,
    WRAPPERS,
    WRITTEN,
    restore,
    wrap,
)

wrappers = pytest.mark.parametrize("shape", WRAPPERS.values(), ids=WRAPPERS)


# ------------------------------------------------------------
# Links
# ------------------------------------------------------------


@pytest.mark.parametrize(
    "before, after",
    [
        ('<a class="x" href="', '" title="y">prices</a>'),
        ("<a href='", "'>prices</a>"),
        ("<a href=", " title=y>prices</a>"),
        ("<p>See ", ". And"),
        ("<p>(see ", ")</p>"),
        ("<pre>&gt; prices &lt;", "&gt;\n&gt; more</pre>"),
        ("<pre>&gt; [prices](", ")</pre>"),
        ("&quot;", "&quot;"),
        ("x", ",y"),
        ("&nbsp;", "&#13;\n"),
        ("", ""),
        ('<a title="Original URL: ', '. Click or tap if you trust this link.">x</a>'),
        ("https://shop.example.net/first,", ",https://shop.example.net/"),
        ("_", "_"),
        ("**", "**"),
        ("url(https://x.example.com/a.png);b:url(", ")"),
        ("<!-- ", " -->"),
        ('<!--[if mso]><v:rect href="', '"></v:rect><![endif]-->'),
        ("", "?utm_source=x"),
        ("", "#there"),
    ],
)
def test_unwrapped_links(before, after):
    assert restore(before + TRACKED + after) == before + WRITTEN + after


@wrappers
@pytest.mark.parametrize(
    "before, after",
    [
        ('<a class="x" href="', '" originalsrc="">prices</a>'),
        ("<a href=", ">prices</a>"),
        ("See ", ". And"),
        ("See (", "), and"),
        ("prices &lt;", "&gt;&#13;\n"),
        ("[", "]"),
        ("https://shop.example.net/first,", ",https://shop.example.net/"),
        ("", ";"),
    ],
)
@pytest.mark.parametrize("escape", [html_lib.escape, str], ids=["escaped", "bare"])
def test_wrapped_links(shape, before, after, escape):
    wrapped = escape(wrap(shape, TRACKED))
    assert restore(before + wrapped + after) == before + WRITTEN + after


def test_attributes_that_email_clients_add():
    safe = html_lib.escape(wrap(SAFE_LINKS, TRACKED))
    html = (
        f'<a href="{safe}" originalsrc="{TRACKED}" shash="a/b+c==">{TRACKED}</a>'
        f'<a href="{TRACKED}" data-saferedirecturl="'
        f'{html_lib.escape(wrap(WRAPPERS["google"], TRACKED))}">x</a>'
    )
    assert restore(html) == (
        f'<a href="{WRITTEN}" originalsrc="{WRITTEN}" shash="a/b+c==">{WRITTEN}</a>'
        f'<a href="{WRITTEN}" data-saferedirecturl="{WRITTEN}">x</a>'
    )


@pytest.mark.parametrize(
    "html",
    [
        TRACKED.replace("https", "http"),
        TRACKED.replace("https", "HTTPS"),
        TRACKED.replace("odoo.acme.example.com", "10.0.0.1:8069"),
        TRACKED.replace(".com/", ".com/odoo/"),
    ],
)
def test_any_host_and_scheme(html):
    assert restore(f'<a href="{html}">x</a>') == f'<a href="{WRITTEN}">x</a>'


def test_a_destination_that_must_be_escaped():
    destination = "https://x.example.com/a b\"c<d>'&copy"
    quotation = returned_urls.QuotedText(f"<a href={TRACKED} title=x>", KEYS)
    restored = quotation.restore({(7, 9): destination})
    written = restored.removeprefix("<a href=").removesuffix(" title=x>")
    assert html_lib.unescape(written) == destination
    assert not set(written) & set(" \"<>'")


def test_a_url_that_contains_two_tracked_urls():
    wrapped = f"{wrap(WRAPPERS['safe links'], TRACKED)}&original={TRACKED}"
    assert restore(f'<a href="{wrapped}">x</a>') == f'<a href="{WRITTEN}">x</a>'


def test_a_link_with_another_nonce_is_unchanged():
    quotation = returned_urls.QuotedText(TRACKED, KEYS)
    assert quotation.restore({(7, 10): URL}) == TRACKED


def test_a_link_without_a_row_is_unchanged():
    for html in (GONE, wrap(SAFE_LINKS, GONE), f"{GONE} {FOREIGN}"):
        assert restore(html) == html
    assert restore(f"{GONE} {TRACKED}") == f"{GONE} {WRITTEN}"


# ------------------------------------------------------------
# Images
# ------------------------------------------------------------

PROXIED = wrap(GOOGLE_PROXY, IMAGE)
SAFE_IMAGE = html_lib.escape(wrap(SAFE_LINKS, IMAGE))


@pytest.mark.parametrize(
    "image",
    [
        f'<img src="{IMAGE}" width="1" height="1" alt="" style="display:block">',
        f"<IMG SRC='{IMAGE}'/>",
        f"<img alt src={IMAGE}>",
        f'<img src="{PROXIED}" class="CToWUd" data-bit="iit">',
        f'<img src="{SAFE_IMAGE}" originalsrc="{IMAGE}">',
        f'<img src="cid:x" data-src="{IMAGE}" title="a > b">',
        f'<img srcset="{IMAGE} 1x, {IMAGE} 2x">',
        f'<img src="{wrap(WRAPPERS["proofpoint 2"], IMAGE)}">',
        f'<img src="{wrap(WRAPPERS["proofpoint 3"], IMAGE)}">',
        f'<img src="{wrap(WRAPPERS["twice encoded"], IMAGE)}">',
        f'<img src="{IMAGE}" longdesc="{TRACKED}">',
        f'<v:imagedata src="{IMAGE}" o:href="{IMAGE}"/>',
        f"<!--[if gte vml 1]>{'<v:imagedata src=X/>'}<![endif]-->".replace("X", IMAGE),
        f"[{IMAGE}]",
        f"&lt;{IMAGE}&gt;",
        f"[{PROXIED}]",
        f"&lt;{SAFE_IMAGE}&gt;",
        IMAGE,
        PROXIED,
    ],
)
def test_images_are_removed(image):
    expected = "<!--[if gte vml 1]><![endif]-->" if "[if" in image else ""
    for before, after in (
        ("", ""),
        ("<td>", "</td>"),
        ('<p>x</p><img src="https://x.example.com/logo.png">', "<img src=y>"),
        ("<div>&gt; ", "\n</div>"),
    ):
        assert restore(before + image + after) == before + expected + after


def test_image_urls_outside_image_tags():
    for before, after in (
        ('<td background="', '">'),
        ("<td style='background:url(", ")'>"),
        ("<!-- <img src='", "'> -->"),
        ("<textarea><img src='", "'></textarea>"),
        ('<img src="', ""),
        ("[a ", "]"),
        ("[", ")"),
    ):
        assert restore(before + IMAGE + after) == before + after
        assert restore(before + PROXIED + after) == before + after


# ------------------------------------------------------------
# URLs that this database did not sign
# ------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>Hello</p>",
        FOREIGN,
        f'<a href="{FOREIGN}">x</a><img src="{FOREIGN_IMAGE}">',
        f'<img src="{wrap(GOOGLE_PROXY, FOREIGN_IMAGE)}">',
        wrap(SAFE_LINKS, "https://x.example.com/t/about"),
        wrap(SAFE_LINKS, FOREIGN),
        wrap(WRAPPERS["proofpoint 2"], FOREIGN),
        '<img src="https://other.example.com/t/pixel.gif" width="1">',
        "https://www.facebook.com/t/1234567890123456789012345678",
        f"{HOST}/t/{LINK_TEXT}.gif",  # the token of a link is invalid for an image
        IMAGE.removesuffix(".gif"),
        TRACKED[:-1],
        IMAGE.replace(".gif", "_.gif"),
        f"{TRACKED}x",
        f"{HOST}/x/{LINK_TEXT}",
        f"/t/{LINK_TEXT}",  # a path without a host
        f"mailto:?body={quote(TRACKED, safe='')}%20x",
        TRACKED.lower(),
        "/t/" * 1000,
        "%2Ft%2F" * 1000,
    ],
)
def test_foreign_urls_are_unchanged(html):
    for key in (html, f"<p>{html}</p>"):
        assert restore(key) == key


def test_foreign_urls_beside_tracked_urls_are_unchanged():
    others = (
        f'<a href="{html_lib.escape(wrap(SAFE_LINKS, FOREIGN))}">x</a>'
        f'<img src="{wrap(GOOGLE_PROXY, FOREIGN_IMAGE)}">'
    )
    html = f'{others}<a href="{TRACKED}">x</a>{others}<img src="{IMAGE}">{others}'
    assert restore(html) == f'{others}<a href="{WRITTEN}">x</a>{others}{others}'


def test_may_hold_tracked_url():
    for shape in (*WRAPPERS.values(), GOOGLE_PROXY, "{plain}"):
        for url in (TRACKED, IMAGE):
            assert returned_urls.may_hold_tracked_url(wrap(shape, url))
    assert not returned_urls.may_hold_tracked_url(
        "https://x.example.com/t/about /t/ %2Ft%2F -3A__"
    )


# ------------------------------------------------------------
# Decoy links
# ------------------------------------------------------------

AREA = '<area href="{}" alt="" shape="rect" coords="0,0,0,0">'


def remove_decoy(html, **options):
    return returned_urls.QuotedText(html, KEYS, **options).restore({(7, 9): None})


@pytest.mark.parametrize("url", [TRACKED, html_lib.escape(wrap(SAFE_LINKS, TRACKED))])
@pytest.mark.parametrize(
    "before, after",
    [
        ('<map name="m1">', "</map>"),
        ("<MAP name=x_m1>\n ", "\n</MAP >"),
        ("<map>", "</area></map>"),
        ("", ""),
    ],
)
def test_decoy_links_are_removed(url, before, after):
    html = before + AREA.format(url) + after
    assert remove_decoy(f"<p>a</p>{html}<p>b</p>") == "<p>a</p><p>b</p>"


def test_an_image_map_with_other_areas_stays():
    other = '<area href="https://x.example.com/">'
    html = f"<map>{other}{AREA.format(TRACKED)}</map>"
    assert remove_decoy(html) == f"<map>{other}</map>"
    html = f"<map>{AREA.format(TRACKED)}{other}</map>"
    assert remove_decoy(html) == f"<map>{other}</map>"
    # A link of the author in an area is restored.
    assert restore(f"<map>{AREA.format(TRACKED)}</map>") == (
        f"<map>{AREA.format(WRITTEN)}</map>"
    )


def test_decoy_links_that_programs_show():
    for text in (f"a {TRACKED} b", f"a <{TRACKED}> b", f"a [{TRACKED}] b"):
        assert remove_decoy(text, is_html=False) == "a  b"
    assert remove_decoy(f"a &lt;{TRACKED}&gt; b") == "a  b"
    assert remove_decoy(f'<a href="{TRACKED}">{TRACKED}</a>') == '<a href="#"></a>'
    assert remove_decoy(f"<!-- {TRACKED} -->") == "<!--  -->"
