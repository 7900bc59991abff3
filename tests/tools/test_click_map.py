"""tools/click_map: counts stand in tracked links, and the page is safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from odoo.addons.pipeline_tracking.tools.click_map import (
    COUNT_CLASS,
    SCHEMES,
    TrackedLink,
    render_page,
)

from ..helpers.random_html import pages
from ..helpers.time_limit import within

URL = "https://x.com/1"
BASE_URL = "https://odoo.acme.example.com"


def link(*urls, label="", count="2 clicks", is_used=True):
    return TrackedLink(urls, label, count, is_used)


def parse(html, links, **options):
    return lxml_html.document_fromstring(render_page(html, links, **options))


def read_counts(html, links, **options):
    """Return the text and the count of each link with a count.

    :rtype: list[tuple[str, str]]
    """
    return [
        (count.getparent().text_content(), count.text)
        for count in parse(html, links, **options).iter("span")
        if COUNT_CLASS in count.classes
    ]


@pytest.mark.parametrize(
    "html",
    [
        '<p>See <a href="https://x.com/1">prices</a></p>',
        '<a href=" https://x.com/1\n">prices</a>',
        "<a HREF=https://x.com/1>prices</a>",
        '<a href="https://x.com/&#49;">prices</a>',
        '<a href="https://x.com/%31">prices</a>',
        '<a href="https://x.com/1"><b>prices</b></a>',
        '<a href="https://x.com/1">prices',
        '</div><a href="https://x.com/1">prices</a>',
    ],
)
def test_the_count_stands_at_the_end_of_the_link(html):
    assert read_counts(html, [link(URL)]) == [("prices2 clicks", "2 clicks")]


@pytest.mark.parametrize(
    "html",
    [
        "prices",
        "",
        '<a href="https://x.com/2">prices</a>',
        '<a href="https://x.com/1?a=b">prices</a>',
        '<a name="https://x.com/1">prices</a>',
        '<area href="https://x.com/1">',
        '<!-- <a href="https://x.com/1">prices</a> -->',
    ],
)
def test_other_links_have_no_count(html):
    assert read_counts(html, [link(URL)]) == []


def test_every_link_to_a_destination_has_its_count():
    html = '<a href="https://x.com/1">a</a> <a href="https://x.com/1">b</a>'
    assert read_counts(html, [link(URL)]) == [
        ("a2 clicks", "2 clicks"),
        ("b2 clicks", "2 clicks"),
    ]


def test_the_text_tells_links_to_one_destination_apart():
    links = [link(URL, label="a", count="1 click"), link(URL, label="b")]
    html = "".join(f'<a href="{URL}">{text}</a>' for text in "abc")
    assert read_counts(html, links) == [
        ("a1 click", "1 click"),
        ("b2 clicks", "2 clicks"),
    ]


def test_a_link_can_have_several_destinations():
    html = '<a href="https://x.com/1">a</a><a href="/2">b</a>'
    counts = read_counts(
        html, [link("https://other.com", URL), link(f"{BASE_URL}/2")], base_url=BASE_URL
    )
    assert [text for text, _count in counts] == ["a2 clicks", "b2 clicks"]


def test_used_links_are_emphasized():
    html = '<a href="https://x.com/1">a</a><a href="https://x.com/2">b</a>'
    links = [link(URL), link("https://x.com/2", count="0", is_used=False)]
    used, unused = parse(html, links).iter("a")
    assert "used" in used[-1].classes and "used" not in unused[-1].classes


def test_links_open_the_original_destination_in_another_window():
    html = '<a href="https://x.com/1?token=a" ping="https://x.com/2">prices</a>'
    (element,) = parse(html, []).iter("a")
    assert element.get("href") == "https://x.com/1?token=a"
    assert (element.get("target"), element.get("rel")) == (
        "_blank",
        "noopener noreferrer",
    )


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " java\nscript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "&#1;javascript:alert(1)",
        "data:text/html,x",
        "//x.com",
        "file:///etc/passwd",
        "http://[x",
        "#anchor",
    ],
)
def test_other_destinations_lead_nowhere(url):
    (element,) = parse(f'<a href="{url}">a</a>', []).iter("a")
    assert element.get("href") is None
    assert element.text == "a"


def test_files_stand_after_the_text():
    name = '<img src=x onerror="alert(1)">\x01.pdf'
    page = parse("<p>Hello</p>", [], files=[link(label=name, count="1 download")])
    assert (
        page.body[-1].text_content() == '<img src=x onerror="alert(1)">.pdf1 download'
    )
    assert not list(page.iter("img"))


def test_counts_are_text():
    html = '<a href="https://x.com/1">a</a>'
    page = parse(html, [link(URL, count="<b>1</b>")])
    assert not list(page.iter("b"))


def test_the_page_runs_no_script_and_loads_only_images():
    (policy,) = parse("<p>a</p>", []).xpath(
        "//head/meta[@http-equiv='Content-Security-Policy']/@content"
    )
    assert "default-src 'none'" in policy
    assert "script" not in policy


@given(pages, st.lists(st.sampled_from([URL, "https://x.com/2", "https://x.com/3"])))
def test_any_html(html, urls):
    """Counts stand only in links, and every link has a permitted scheme."""
    page = parse(html, [link(url) for url in sorted(set(urls))])
    for count in page.iter("span"):
        element = count.getparent()
        assert element.tag == "a" and element.get("href") in urls
    for element in page.iter("a", "area"):
        href = element.get("href")
        assert href is None or href.partition(":")[0].lower() in SCHEMES
    assert len(page.xpath("//head/meta")) == 3


@given(st.text())
def test_any_text(text):
    render_page(text, [link(text, label=text, count="1")], files=[link(label=text)])


def test_time_is_linear():
    html = '<a href="https://x.com/1">a</a>' * 20_000
    with within(10):
        render_page(html, [link(f"https://x.com/{n}") for n in range(1000)])
