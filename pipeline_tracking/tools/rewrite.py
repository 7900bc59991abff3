"""Finds and replaces the links of an email's HTML, and adds what comes last in it.

Works on the text itself, not on a tree: outside the values that are replaced and
what is added, every character stays as it was.
"""

import html as html_lib
import re
from collections import Counter, namedtuple
from urllib.parse import unquote

from . import html_tags, link_exemptions, link_labels, reply_quotes

Link = namedtuple("Link", "url label")

# Which links of an email are tracked. `author_html`: what its author wrote, the rest
# is the layout's; None where there is no layout. `own_urls`: of this Odoo, without a
# slash at the end. `leave_addresses`: not those whose text is itself an address.
# `placeholders`: always, whatever they read like: each copy has its own URL in their
# place. `leave_quotes`: not those in quotes of other emails, which are somebody else's.
Policy = namedtuple(
    "Policy",
    "author_html own_urls leave_addresses placeholders leave_quotes",
    defaults=[True],
)
EVERYTHING = Policy(
    author_html=None, own_urls=(), leave_addresses=False, placeholders=frozenset()
)

_Occurrence = namedtuple("_Occurrence", "url label start end")

_LINK_TAGS = frozenset(("a", "area", html_tags.VML))
# What is added does no good in them where they never end: it would be moved out of
# the table, or not be loaded.
_ENCLOSING_TAGS = frozenset(("table", "select", "template", "svg", "math", "object"))
_ENDS = ("body", "html", html_tags.SWALLOWED)  # the first that there is counts
_TAGS = _LINK_TAGS | _ENCLOSING_TAGS | {"body", "html"}

_http = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_URL_EDGES = "".join(map(chr, range(0x21)))


class Document:
    """An email's HTML, read once: what it links to, and where it ends.

    :param str html: a document or a fragment, however malformed
    :param Policy policy:
    """

    def __init__(self, html, policy=EVERYTHING):
        self.html = html
        self.policy = policy
        self._author = _Author(html, policy)
        self._occurrences = []
        self._end = self._read()

    @property
    def links(self):
        """The destinations that are to be tracked, in order, each once; with the text
        people see.

        :rtype: list[Link]
        """
        labels = {}
        for found in self._occurrences:
            labels[found.url] = labels.get(found.url) or found.label
        return [
            Link(url, text or link_labels.readable_address(url))
            for url, text in labels.items()
        ]

    def rewrite(self, targets, addition=""):
        """The same HTML, with other destinations, and with more at its end: inside the
        body, and in no element that would hide it or break over it.

        :param dict[str, str] targets: destination -> the URL to put in its place
        :param str addition: HTML of whole elements
        :rtype: str
        """
        head, tail = self.split(targets)
        return f"{head}{addition}{tail}"

    def split(self, targets):
        """The same HTML with other destinations, in two: up to where something can be
        added, and what comes after it.

        :param dict[str, str] targets: as above
        :rtype: tuple[str, str]
        """
        edits = sorted(
            (found.start, found.end, html_lib.escape(targets[found.url]))
            for found in self._occurrences
            if found.url in targets
        )
        head = [edit for edit in edits if edit[0] < self._end]
        return (
            self._edit(head, 0, self._end),
            self._edit(edits[len(head) :], self._end, len(self.html)),
        )

    def _edit(self, edits, position, stop):
        """A part of the HTML, with other text in some places.

        :param list[tuple] edits: start, end and text of each, in order
        """
        pieces = []
        for start, end, text in edits:
            pieces += [self.html[position:start], text]
            position = end
        return "".join([*pieces, self.html[position:stop]])

    def _read(self):
        """Find the links.

        :return: where the body ends: before the last end tag of the body, or else of
            the document. Where an element is open there that must not be added to,
            before that element.
        """
        link, opened = None, _Opened()
        ends = {}
        for tag in html_tags.find_tags(self.html, _TAGS, conditional=True):
            name = tag.name
            if name in _LINK_TAGS or name[:2] == "v:" or name == html_tags.SWALLOWED:
                if link:
                    self._add(link, tag.start)
                link = None if tag.closing or name == html_tags.SWALLOWED else tag
                if name == "area":  # it has no content
                    self._add(tag, tag.end)
                    link = None
            if tag.conditional:
                continue
            if name in _ENCLOSING_TAGS:
                if tag.closing:
                    opened.close(name)
                else:
                    opened.open(tag)
            elif name in _ENDS and (tag.closing or name == html_tags.SWALLOWED):
                ends[name] = (opened.outermost or tag).start
        if link:
            self._add(link, len(self.html))
        at_the_end = opened.outermost.start if opened.outermost else len(self.html)
        return next((ends[name] for name in _ENDS if name in ends), at_the_end)

    def _add(self, tag, content_end):
        """Add a link, if it is to be tracked."""
        html, policy = self.html, self.policy
        span = html_tags.find_attribute(html, tag, "href")
        url = span and _destination(html[slice(*span)])
        if not url or _is_marked_untracked(html, tag):
            return
        text = link_labels.read_label(html, tag, content_end)
        if url in policy.placeholders or self._is_to_be_tracked(tag, url, text):
            self._occurrences.append(_Occurrence(url, text, *span))

    def _is_to_be_tracked(self, tag, url, text):
        policy = self.policy
        return (
            not self._author.quoted(tag)
            and (self._author.wrote(tag, url) or _is_main_button(url, policy))
            and not link_exemptions.is_exempt_url(url, policy.own_urls)
            and not link_exemptions.is_exempt_label(text)
            and not (
                policy.leave_addresses and link_exemptions.is_address_label(text, url)
            )
        )


def render_image(source):
    """An image that nobody sees.

    Not hidden: mail clients do not load what is. As a block it makes no line of its
    own height.

    :param str source: its URL
    :return: HTML
    :rtype: str
    """
    return (
        f'<img src="{html_lib.escape(source)}" width="1" height="1" alt="" border="0"'
        ' style="display:block;width:1px;height:1px;margin:0;padding:0;border:0;'
        'opacity:0">'
    )


class _Author:
    """Locate the part of an email that its author wrote, without quoted emails."""

    def __init__(self, html, policy):
        author_html = policy.author_html
        self._start, self._end, self._urls = 0, len(html), None
        if author_html is not None:
            self._start = html.find(author_html)
            self._end = self._start + len(author_html)
        if self._start < 0:
            # The layout has changed it, or Odoo's sanitizer the copy that is known:
            # where it leads tells it.
            author_policy = EVERYTHING._replace(leave_quotes=policy.leave_quotes)
            links = Document(author_html, author_policy).links
            self._urls = {unquote(link.url) for link in links}
            self._start, self._end = 0, len(html)
        self._quotes = None
        if policy.leave_quotes:
            # The layout, and no quote, follows the author's part.
            self._quotes = reply_quotes.Quotes(html, self._start, self._end)

    def quoted(self, tag):
        """Whether a tag is in a quote of another email."""
        return bool(self._quotes) and self._quotes.hold(tag.start)

    def wrote(self, tag, url):
        if self._urls is None:
            return self._start <= tag.start < self._end
        # What only Outlook reads is not in what was sanitized, nor in Odoo's layouts.
        return tag.conditional or unquote(url) in self._urls


def _is_main_button(url, policy):
    """Whether a link of the layout leads to the record: into this Odoo, with a query
    that names it. What else layouts hold is about the company.
    """
    return "?" in url and any(
        url.startswith((f"{own}/", f"{own}?")) for own in policy.own_urls
    )


def _is_marked_untracked(html, tag):
    mark = "data-untracked"
    return mark in html[tag.attributes : tag.end].lower() and bool(
        html_tags.find_attribute(html, tag, mark)
    )


def _destination(value):
    """The absolute http(s) URL in an attribute, or None."""
    # The URL Standard, section 4.4: surrounding spaces and controls, and tabs and
    # line breaks anywhere, are no part of a URL.
    url = html_tags.decode(value).strip(_URL_EDGES)
    for character in "\t\n\r":
        url = url.replace(character, "")
    return url if _http.match(url) else None


class _Opened:
    """The open tags, the outermost first."""

    def __init__(self):
        self._tags = []
        self._counts = Counter()  # so that an end tag of none takes no search

    @property
    def outermost(self):
        return self._tags[0] if self._tags else None

    def open(self, tag):
        self._tags.append(tag)
        self._counts[tag.name] += 1

    def close(self, name):
        """Drop the innermost with this name, and what is open in it."""
        while self._counts[name]:
            dropped = self._tags.pop().name
            self._counts[dropped] -= 1
            if dropped == name:
                return
