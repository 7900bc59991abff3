"""tools/rewrite: only tracked links change."""

import pytest
from hypothesis import given
from lxml import html as lxml_html

from odoo.addons.pipeline_tracking.tools.rewrite import Document, Policy, render_image

from ..helpers import html_oracle
from ..helpers.random_html import pages
from ..helpers.time_limit import within

TARGET = "https://o.example.com/t/x"


def find_links(html):
    return Document(html).links


def rewrite_links(html, targets):
    return Document(html).rewrite(targets)


def urls(html):
    return [link.url for link in find_links(html)]


@pytest.mark.parametrize(
    "html, url",
    [
        ('<a href="https://x.com/a?b=1&amp;c=2#d">x</a>', "https://x.com/a?b=1&c=2#d"),
        ("<a href='https://x.com/\"'>x</a>", 'https://x.com/"'),
        ("<a href=https://x.com/a/>x</a>", "https://x.com/a/"),
        ("<A\nCLASS=y\tHREF = 'HTTPS://X.com' >x</A>", "HTTPS://X.com"),
        ('<a href="\n https://x.com/\n\tpath ">x</a>', "https://x.com/path"),
        (
            '<a href="http://x.com/?a=1&copy=2&#38;d">x</a>',
            "http://x.com/?a=1&copy=2&d",
        ),
        ('<a href="http://x.com/?a&lt;b&ltc&lt=">x</a>', "http://x.com/?a<b&ltc&lt="),
        ('<a href="https://x.com" href="https://second.com">x</a>', "https://x.com"),
        ('<a title="a > b" href="https://x.com">x</a>', "https://x.com"),
        ('<map><area href="https://x.com" alt="y"></map>', "https://x.com"),
        ('<table><tr><td><a href="https://x.com">unclosed', "https://x.com"),
        (
            'text < 3 <b <a href="https://x.com">x</a><a href="https://x.com">',
            "https://x.com",
        ),
        # read only by Outlook
        (
            '<!--[if mso]><table><tr><td><a href="https://x.com">x</a><![endif]-->',
            "https://x.com",
        ),
        (
            '<!--[if gte mso 9]><v:roundrect xmlns:v="urn:schemas-microsoft-com:vml"'
            ' href="https://x.com" arcsize="8%"><center>x</center></v:roundrect>'
            "<![endif]-->",
            "https://x.com",
        ),
        ("<!--[if mso]><V:Rect HREF=https://x.com/><![endif]-->", "https://x.com/"),
        # read by all other email clients
        (
            '<!--[if !mso]><!--><a href="https://x.com">x</a><!--<![endif]-->',
            "https://x.com",
        ),
        ('<![if !mso]><a href="https://x.com">x</a><![endif]>', "https://x.com"),
    ],
)
def test_links_are_found_and_replaced(html, url):
    assert urls(html) == [url]
    rewritten = rewrite_links(html, {url: TARGET})
    assert urls(rewritten) == [TARGET]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="mailto:a@x.com">x</a>',
        '<a href="tel:+331">x</a><a href="#top">x</a><a href="/web">x</a>',
        '<a href="">x</a><a>x</a>',
        '<a href="javascript:alert(1)">x</a><a href="data:text/html,x">x</a>',
        '<a href="https:x">x</a><a href="https://">x</a>',
        '<link href="https://x.com"><img src="https://x.com"><form action="https://x.com">',
        '<!-- <a href="https://x.com">x</a> -->',
        '<!--> --><!-- <a href="https://x.com">x</a>',
        "<script>\"<a href='https://x.com'>\"</script>",
        "<style><a href='https://x.com'></style><title><a href='https://x.com'></title>",
        "<img alt=\"<a href='https://x.com'>\">",
        '<abbr href="https://x.com">x</abbr><address href="https://x.com">',
        '</a href="https://x.com">',
        '<a href="https://x.com',
        '<a href="sms:+331">x</a><a href="webcal://x.com">x</a><a href="cid:x">x</a>',
        '<a href="https://x.com" data-untracked>x</a>',
        '<a data-untracked="1" href="https://x.com">x</a>',
        "<a href=https://x.com DATA-UNTRACKED=>x</a>",
        '<a href="https://x.com">Unsubscribe</a>',
        '<a href="https://x.com"><img src="y.png" alt="View in browser"></a>',
        '<a href="https://x.com/unsubscribe?u=1">here</a>',
        '<!--[if mso]><v:fill src="https://x.com" /><v:rect><![endif]-->',
        '<!--[if mso]><a href="mailto:a@x.com">x</a><!-- --><![endif]-->',
        '<!-- [not if]><a href="https://x.com">x</a><![endif]-->',
    ],
)
def test_links_left_alone(html):
    assert urls(html) == []
    assert rewrite_links(html, {"https://x.com": TARGET}) == html


@pytest.mark.parametrize("number", ["9" * 5000, "0" * 5000 + "65", "x" + "f" * 5000])
def test_a_character_reference_of_thousands_of_digits(number):
    (link,) = find_links(f'<a href="https://x.com/&#{number};b">a&#{number};b</a>')
    character = "A" if number.endswith("65") else "\ufffd"
    assert link == (f"https://x.com/{character}b", f"a{character}b")
    (link,) = find_links(f'<area href="https://x.com" alt="&#{number}">')
    assert link.label == character


def test_a_url_of_more_than_8_kb():
    url = "https://x.com/" + "a" * 8192
    assert urls(f'<a href="{url}">x</a><a href="https://y.com">y</a>') == [
        "https://y.com"
    ]


def test_a_destination_is_found_once_and_replaced_everywhere():
    html = "<a href=\"http://x.com\">one</a> <a HREF='http://x.com'>two</a>"
    assert find_links(html) == [("http://x.com", "one")]
    assert urls(rewrite_links(html, {"http://x.com": TARGET})) == [TARGET]


def test_only_given_destinations_are_replaced():
    html = '<a href="http://x.com">one</a> <a href="http://y.com">two</a>'
    assert urls(rewrite_links(html, {"http://y.com": TARGET})) == [
        "http://x.com",
        TARGET,
    ]


@given(pages)
def test_nothing_but_the_destinations_changes(html):
    """Replacing the new destinations by the old ones gives the original HTML."""
    targets = {url: f"{TARGET}{number}" for number, url in enumerate(urls(html))}
    rewritten = rewrite_links(html, targets)
    assert urls(rewritten) == list(targets.values())
    back = {target: url for url, target in targets.items()}
    assert rewrite_links(rewritten, back) == rewrite_links(
        html, {url: url for url in targets}
    )
    assert rewrite_links(html, {}) == html


def test_a_destination_with_one_exempt_link():
    html = '<a href="https://x.com">Unsubscribe</a> <a href="https://x.com">Home</a>'
    assert find_links(html) == [("https://x.com", "Home")]
    assert [
        link.get("href")
        for link in lxml_html.fromstring(
            rewrite_links(html, {"https://x.com": TARGET})
        ).iter("a")
    ] == ["https://x.com", TARGET]


BASE_URL = "https://odoo.acme.com"
LAYOUT = """<html><body><a href="{base}/mail/view?model=crm.lead&amp;res_id=1">View</a>
<div>{author}</div><a href="https://acme.com">acme.com</a> <a href="{base}">us</a>
<a href="{base}/mail/unfollow?x=1">Unfollow</a>
<a href="https://www.odoo.com?utm_source=db">Odoo</a></body></html>"""


def policy(**values):
    return Policy(
        **{
            "author_html": None,
            "own_urls": ("https://shop.acme.com", BASE_URL),
            "leave_addresses": False,
            "placeholders": frozenset(),
            **values,
        }
    )


def test_the_main_button_of_the_layout_is_tracked():
    author = '<p><a href="https://acme.com">We</a> <a href="https://x.com">you</a></p>'
    html = LAYOUT.format(base=BASE_URL, author=author)
    button = f"{BASE_URL}/mail/view?model=crm.lead&res_id=1"
    document = Document(html, policy(author_html=author))
    assert [link.url for link in document.links] == [
        button,
        "https://acme.com",
        "https://x.com",
    ]
    rewritten = document.rewrite(
        {link.url: f"{TARGET}-{link.label}" for link in document.links}
    )
    assert html_oracle.links(rewritten) == [
        f"{TARGET}-View",
        f"{TARGET}-We",
        f"{TARGET}-you",
        "https://acme.com",  # a link of the layout with a destination of the author
        BASE_URL,
        f"{BASE_URL}/mail/unfollow?x=1",
        "https://www.odoo.com?utm_source=db",
    ]


@pytest.mark.parametrize("author", ["", "<p>no link</p>"])
def test_the_author_has_no_link(author):
    html = LAYOUT.format(base=BASE_URL, author=author)
    (link,) = Document(html, policy(author_html=author)).links
    assert link.label == "View"


def test_a_layout_that_changed_the_authors_part():
    """The author's links are recognized by their destinations."""
    html = LAYOUT.format(base=BASE_URL, author="<a href='https://x.com'>x</a>")
    document = Document(html, policy(author_html='<a href="https://x.com">x</a>'))
    assert [link.label for link in document.links] == ["View", "x"]


def test_placeholders_are_tracked_with_any_label():
    url = f"{BASE_URL}/web/content/1?download=true#file"
    html = f'<p>x</p><a href="{url}">Unsubscribe</a>'
    (link,) = Document(html, policy(author_html="<p>x</p>", placeholders={url})).links
    assert link.url == url


def test_addresses_can_be_left_alone():
    html = (
        '<a href="https://x.com/a?b">https://x.com/a</a> <a href="https://x.com">x</a>'
    )
    assert len(Document(html, policy()).links) == 2
    (link,) = Document(html, policy(leave_addresses=True)).links
    assert link == ("https://x.com", "x")


@given(pages)
def test_an_independent_parser_agrees(html):
    """All links that the parser sees are replaced, and nothing else changes."""
    targets = {url: f"{TARGET}/{number}" for number, url in enumerate(urls(html))}
    for tag, name, before, after in html_oracle.differences(
        html, rewrite_links(html, targets)
    ):
        assert html_oracle.is_link(tag, name)
        assert after == targets[html_oracle.clean(before)]
    link_urls = {url for url in html_oracle.links(html) if url.startswith("http")}
    assert link_urls <= set(targets)


@pytest.mark.parametrize(
    "html",
    [
        '<p>x <a href="https://x.com/?a=1&amp;b=2">y</a></p>' * 100_000,
        "".join(f'<p><a href="https://x.com/{n}">{n}</a></p>' for n in range(10_000)),
        "<div>" * 10_000 + '<a href="https://x.com">x</a>' + "</div>" * 10_000,
        "<table><tr><td>" * 10_000 + '<a href="https://x.com">x</a>',
        '<a href="https://x.com">x</a>' + "<table>" * 30_000 + "</select>" * 30_000,
        '<a href="https://x.com">x</a>' + "<svg><math>" * 30_000 + "</svg>" * 30_000,
        "<a href='https://x.com'>" * 10_000,
        f'<p title="{"<a> " * 250_000}"><a href="https://x.com">x</a>',
        f'<a href="https://x.com/{"a%20" * 250_000}">x</a>',
        f'<a href="https://x.com">{"x " * 500_000}</a>',
        f'<a href="https://x.com">{"<b>x</b>" * 100_000}</a>',
        f'<a href="https://x.com">{"< <b " * 100_000}</a>',
        f'<a href="https://x.com">{"<!-- --><img alt=x>" * 20_000}</a>',
        f'<a href="https://x.com">{"alt <!- <! <?" * 50_000}</a>',
        f'<a href="https://x.com">{"unsubscrib opt view read online in " * 20_000}</a>',
        f'<a href="https://x.com/{"view-this-view-in-unsub" * 40_000}x">x</a>',
        f'<a href="https://x.com/{".unsubx" * 700_000}">x</a>',
        f'<a href="https://x.com">{"https://x.com/a" * 300_000}</a>',
        f'<a href="https://x.com">{"a." * 2_000_000}</a>',
        f'<a href="https://x.com">{"a-" * 2_000_000}</a>',
        f'<a href="https://x.com">{"x.com/a " * 500_000}</a>',
        f'<a href="https://x.com">{"&#99999999" * 500_000}</a>',
        f'<a href="https://x.com">{"&#" + "0" * 5_000_000}</a>',
        f'<a href="https://x.com/?{"&#" + "9" * 5_000_000}">x</a>',
        "<!--[if mso]><a href='https://x.com'>x</a><![endif]-->" * 20_000,
    ],
)
def test_time_grows_with_length_only(html):
    with within(seconds=30):
        # Too long URLs are not tracked: make sure that at least one link is.
        html += '<a href="https://y.com">y</a>'
        document = Document(html, policy(leave_addresses=True))
        assert document.links
        document.rewrite(
            {link.url: TARGET for link in document.links}, render_image(TARGET)
        )
