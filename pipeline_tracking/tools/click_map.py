"""Render an email as a page that shows the number of clicks on each link: a click map.

The page belongs into a sandboxed frame. It runs no script and loads nothing but images.
"""

import re
from collections import namedtuple
from urllib.parse import unquote, urlsplit

from lxml import html as lxml_html
from lxml.builder import E

from . import link_labels

# A tracked link of the email.
# `urls`: destinations that the link can have in the HTML. `label`: its text, which
# tells links with the same destination apart. `count`: text to show, such as
# "2 clicks". `is_used`: whether to emphasize the text.
TrackedLink = namedtuple("TrackedLink", "urls label count is_used")

COUNT_CLASS = "o_click_map_count"
# Schemes of destinations that stay in the page.
SCHEMES = frozenset(("http", "https", "mailto", "tel"))

_POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline';"
    " base-uri 'none'; form-action 'none'"
)
_STYLE = f"""
body {{ margin: 0; padding: 12px; background: #fff; color: #212529;
        font: 14px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }}
img {{ max-width: 100%; }}
span.{COUNT_CLASS} {{ all: initial !important; display: inline-block !important;
    margin: 0 2px 0 4px !important; padding: 1px 7px !important;
    border: 1px solid #6c757d !important; border-radius: 9px !important;
    background: #fff !important; color: #495057 !important;
    white-space: nowrap !important;
    font: 600 11px/1.4 system-ui, sans-serif !important; }}
span.{COUNT_CLASS}.used {{ border-color: #146c43 !important;
    background: #146c43 !important; color: #fff !important; }}
ul.{COUNT_CLASS}_files {{ margin: 12px 0 0; padding: 8px 0 0; list-style: none;
    border-top: 1px solid #dee2e6; }}
"""

# Characters that XML, and so lxml, does not allow.
_unreadable = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_URL_EDGES = "".join(map(chr, range(0x21)))


def render_page(html, links, files=(), base_url=""):
    """Render the page of an email, with a count at the end of each tracked link.

    Links lead to their original destinations, in another window.

    :param str html: the sanitized HTML that the author wrote
    :param list[TrackedLink] links: the links in the HTML
    :param list[TrackedLink] files: files that were sent as links after the HTML
    :param str base_url: base URL of links without a host
    :return: a document
    :rtype: str
    """
    html = _unreadable.sub("", html)
    body = lxml_html.document_fromstring(f"<div>{html}</div>").body
    links_by_url = _group_by_url(links)
    for element in list(body.iter("a", "area")):
        _restrict(element, base_url)
        link = _find_link(element, links_by_url)
        if link and element.tag == "a":
            element.append(_build_count(link))
    if files:
        body.append(
            E.ul(
                {"class": f"{COUNT_CLASS}_files"},
                *(
                    E.li(_unreadable.sub("", file.label), _build_count(file))
                    for file in files
                ),
            )
        )
    head = E.head(
        E.meta(charset="utf-8"),
        E.meta({"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        E.meta(name="referrer", content="no-referrer"),
        E.style(_STYLE),
    )
    document = lxml_html.tostring(E.html(head, body), encoding="unicode")
    return f"<!DOCTYPE html>{document}"


def _group_by_url(links):
    links_by_url = {}
    for link in links:
        for key in {_get_key(url) for url in link.urls}:
            links_by_url.setdefault(key, []).append(link)
    return links_by_url


def _restrict(element, base_url):
    """Let a link open its original destination in another window, or nothing."""
    url = _clean(element.get("href", ""))
    if url.startswith("/") and not url.startswith("//"):
        url = f"{base_url}{url}"
    if _get_scheme(url) in SCHEMES:
        element.attrib.update(
            {"href": url, "target": "_blank", "rel": "noopener noreferrer"}
        )
    else:
        element.attrib.pop("href", None)


def _find_link(element, links_by_url):
    """Return the tracked link of an element, or None.

    If several links have the destination, the text of the element decides.
    """
    links = links_by_url.get(_get_key(element.get("href", "")), [])
    if len(links) > 1:
        text = link_labels.readable_text(element.text_content())
        links = [link for link in links if link.label == text]
    return links[0] if len(links) == 1 else None


def _build_count(link):
    used = " used" if link.is_used else ""
    return E.span({"class": f"{COUNT_CLASS}{used}"}, link.count)


def _get_scheme(url):
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def _get_key(url):
    # Odoo's sanitizer escapes characters in URLs.
    return unquote(_clean(url))


def _clean(url):
    # As in `rewrite`: spaces and control characters are not part of a URL.
    url = _unreadable.sub("", url).strip(_URL_EDGES)
    for character in "\t\n\r":
        url = url.replace(character, "")
    return url
