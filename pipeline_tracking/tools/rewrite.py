"""Find the links of an email's HTML that are tracked, replace them, and add the image
at its end.

`_is_trackable` decides by where a link stands, and `link_exemptions` by its URL and
text.

No tree is built: except in the values that are replaced, and in the addition, every
character stays as it was.
"""

import html as html_lib
import re
from collections import Counter, namedtuple
from urllib.parse import unquote

from . import html_tags, link_exemptions, link_labels, quoted_emails

Link = namedtuple("Link", "url label")

# Which links of an email are tracked.
# `author_html`: the part that the author wrote, as against the layout; None if there is
# no layout. Links of the layout are not tracked.
# `own_urls`: base URLs of this Odoo, without a slash at the end.
# `leave_addresses`: whether to leave out links whose text is itself a URL.
# `placeholders`: URLs that are tracked whatever they look like: each copy has its own
# URL in their place.
# `leave_quotes`: whether to leave out links in quotes of other emails.
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
# The addition must not stand in one of these that never ends: mail clients would move
# it out of the table, or not load it.
_ENCLOSING_TAGS = frozenset(("table", "select", "template", "svg", "math", "object"))
_ENDS = ("body", "html", html_tags.SWALLOWED)  # the first that the email has counts
_TAGS = _LINK_TAGS | _ENCLOSING_TAGS | {"body", "html"}

_http = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_URL_EDGES = "".join(map(chr, range(0x21)))


class Document:
    """Find the links and the end of an email's HTML, and rewrite it for each copy.

    :param str html: a document or a fragment, however malformed
    :param Policy policy:
    """

    def __init__(self, html, policy=EVERYTHING):
        self.html = html
        self.policy = policy
        self._author = _Author(html, policy)
        self._occurrences = []
        self._end = self._find_links_and_end()

    @property
    def links(self):
        """Return the links to track, in order, each destination once.

        :rtype: list[Link]
        """
        labels = {}
        for occurrence in self._occurrences:
            url = occurrence.url
            labels[url] = labels.get(url) or occurrence.label
        return [
            Link(url, label or link_labels.readable_address(url))
            for url, label in labels.items()
        ]

    def rewrite(self, targets, addition=""):
        """Return the same HTML with other destinations, and with an addition at its
        end: inside the body, and in no element that would hide the addition.

        :param dict[str, str] targets: destination -> the URL to put in its place
        :param str addition: HTML of whole elements
        :rtype: str
        """
        head, tail = self.split(targets)
        return f"{head}{addition}{tail}"

    def split(self, targets):
        """Return the same HTML with other destinations, in two parts: before and after
        the position of an addition.

        :param dict[str, str] targets: destination -> the URL to put in its place
        :rtype: tuple[str, str]
        """
        edits = sorted(
            (start, end, html_lib.escape(targets[url]))
            for url, _label, start, end in self._occurrences
            if url in targets
        )
        head_edits = [edit for edit in edits if edit[0] < self._end]
        return (
            self._apply(head_edits, 0, self._end),
            self._apply(edits[len(head_edits) :], self._end, len(self.html)),
        )

    def _apply(self, edits, position, stop):
        """Return a part of the HTML with edits applied.

        :param list[tuple] edits: start, end and new text of each, in order
        :param int position: where the part begins
        :param int stop: where the part ends
        """
        pieces = []
        for start, end, text in edits:
            pieces += [self.html[position:start], text]
            position = end
        return "".join([*pieces, self.html[position:stop]])

    def _find_links_and_end(self):
        """Find the links, and the end of the body.

        :return: the position before the last end tag of the body, or else of the
            document; if one of `_ENCLOSING_TAGS` is open there, the position before
            that element
        :rtype: int
        """
        link, open_tags = None, _OpenTags()
        ends = {}
        for tag in html_tags.find_tags(self.html, _TAGS, conditional=True):
            name = tag.name
            if name in _LINK_TAGS or name[:2] == "v:" or name == html_tags.SWALLOWED:
                if link:
                    self._add_link(link, tag.start)
                link = None if tag.closing or name == html_tags.SWALLOWED else tag
                if name == "area":  # an area has no content
                    self._add_link(tag, tag.end)
                    link = None
            if tag.conditional:
                continue
            if name in _ENCLOSING_TAGS:
                if tag.closing:
                    open_tags.close(name)
                else:
                    open_tags.open(tag)
            elif name in _ENDS and (tag.closing or name == html_tags.SWALLOWED):
                ends[name] = (open_tags.outermost or tag).start
        if link:
            self._add_link(link, len(self.html))
        outermost = open_tags.outermost
        document_end = outermost.start if outermost else len(self.html)
        return next((ends[name] for name in _ENDS if name in ends), document_end)

    def _add_link(self, tag, content_end):
        """Add a link, if the policy has it tracked."""
        html, policy = self.html, self.policy
        span = html_tags.find_attribute(html, tag, "href")
        url = span and _read_destination(html[slice(*span)])
        if not url or _is_marked_untracked(html, tag):
            return
        label = link_labels.read_label(html, tag, content_end)
        if url in policy.placeholders or self._is_trackable(tag, url, label):
            self._occurrences.append(_Occurrence(url, label, *span))

    def _is_trackable(self, tag, url, label):
        policy = self.policy
        return (
            not self._author.has_quoted(tag)
            and (self._author.has_written(tag, url) or _is_main_button(url, policy))
            and not link_exemptions.is_exempt_url(url, policy.own_urls)
            and not link_exemptions.is_exempt_label(label)
            and not (
                policy.leave_addresses and link_exemptions.is_address_label(label, url)
            )
        )


def render_image(source):
    """Render an image that nobody sees.

    It is not hidden, because mail clients do not load hidden images. As a block it does
    not make a line of text height.

    :param str source: URL of the image
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
            # The layout changed the author's part, or Odoo's sanitizer changed the copy
            # in `author_html`: recognise the author's links by their destinations.
            author_policy = EVERYTHING._replace(leave_quotes=policy.leave_quotes)
            links = Document(author_html, author_policy).links
            self._urls = {unquote(link.url) for link in links}
            self._start, self._end = 0, len(html)
        self._quotes = None
        if policy.leave_quotes:
            # After the author's part comes the layout, which has no quotes.
            self._quotes = quoted_emails.Quotes(html, self._start, self._end)

    def has_quoted(self, tag):
        """Return whether a tag is in a quote of another email."""
        return bool(self._quotes) and self._quotes.contains(tag.start)

    def has_written(self, tag, url):
        """Return whether a link is in the author's part."""
        if self._urls is None:
            return self._start <= tag.start < self._end
        # Only the author's part has tags that only Outlook reads, and the sanitizer
        # removes them from `author_html`.
        return tag.conditional or unquote(url) in self._urls


def _is_main_button(url, policy):
    """Return whether a link of the layout leads to the record: into this Odoo, with a
    query that names the record. The other links of layouts are about the company.
    """
    return "?" in url and any(
        url.startswith((f"{own_url}/", f"{own_url}?")) for own_url in policy.own_urls
    )


def _is_marked_untracked(html, tag):
    attribute = "data-untracked"
    return attribute in html[tag.attributes : tag.end].lower() and bool(
        html_tags.find_attribute(html, tag, attribute)
    )


def _read_destination(value):
    """Return the absolute http(s) URL in an attribute, or None."""
    # The URL Standard, section 4.4: surrounding spaces and controls, and tabs and
    # line breaks anywhere, are not part of a URL.
    url = html_tags.decode(value).strip(_URL_EDGES)
    for character in "\t\n\r":
        url = url.replace(character, "")
    return url if _http.match(url) else None


class _OpenTags:
    """The open tags, the outermost first."""

    def __init__(self):
        self._tags = []
        self._counts = Counter()  # so that an end tag without a start costs no search

    @property
    def outermost(self):
        return self._tags[0] if self._tags else None

    def open(self, tag):
        self._tags.append(tag)
        self._counts[tag.name] += 1

    def close(self, name):
        """Drop the innermost tag with this name, and the tags that are open in it."""
        while self._counts[name]:
            dropped_name = self._tags.pop().name
            self._counts[dropped_name] -= 1
            if dropped_name == name:
                return
