"""Pages of the documentation are rendered as HTML."""

import pytest

from odoo.addons.pipeline_tracking.tools.documentation import (
    get_title,
    render_page,
    to_anchor,
)


def test_the_title_is_the_first_line():
    assert get_title('# What "opened" means\n\n## More\n') == 'What "opened" means'


@pytest.mark.parametrize(
    "heading, anchor",
    [
        ("A person is anonymized", "a-person-is-anonymized"),
        ("nginx", "nginx"),
        ("Privacy, and the law: 2026", "privacy-and-the-law-2026"),
        ("`web.base.url` and ports", "webbaseurl-and-ports"),
        ("Opt-out – how", "opt-out--how"),
    ],
)
def test_headings_get_the_anchors_of_github(heading, anchor):
    assert f'<h2 id="{anchor}">' in render_page(f"## {heading}\n")
    assert to_anchor(heading) == anchor


@pytest.mark.parametrize(
    "link, html",
    [
        ("[a](opened.md)", '<a href="opened">a</a>'),
        ("[a](privacy.md#after-its-months)", '<a href="privacy#after-its-months">'),
        ("[a](#here)", '<a href="#here">a</a>'),
        ("[a](../../CHANGELOG.md)", "<a>a</a>"),
        ("[a](https://x.com/a.md)", '<a href="https://x.com/a.md" target="_blank"'),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
        ("![a](../static/x.png)", '<img src="../static/x.png" alt="a"'),
    ],
)
def test_links_lead_to_rendered_pages(link, html):
    assert html in render_page(f"See {link}.\n")


def test_html_is_shown_as_text():
    page = render_page("Text <script>alert(1)</script> & more\n\n<div>block</div>\n")
    assert "<script>" not in page
    assert "<div>" not in page
    assert "&lt;script&gt;" in page


def test_tables_and_code_are_rendered():
    page = render_page("| a | b |\n| - | - |\n| 1 | `<x>` |\n\n```sh\nmake demo\n```\n")
    assert "<td>1</td>" in page
    assert "<code>&lt;x&gt;</code>" in page
    assert "make demo" in page
