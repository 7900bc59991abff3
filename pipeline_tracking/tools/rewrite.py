"""Find and replace the links to track in an email's HTML, and add the image at its end.

`_is_trackable` selects the links: by their position (the author's part, no quotes), and
by their URL and text (`link_exemptions`). The module does not parse the HTML into a
tree: only the replaced values and the addition differ from the original text.
"""

import html as html_lib
import re
from collections import Counter, namedtuple
from urllib.parse import unquote

from . import html_tags, link_exemptions, link_labels, quoted_emails

Link = namedtuple("Link", "url label")

# Rules that select the links to track in an email.
# `author_html`: the part that the author wrote, without the layout; None if there is no
# layout. In the layout, only the button that leads to the record is tracked.
# `own_urls`: base URLs of this Odoo, without a slash at the end.
# `leave_addresses`: whether to leave links alone whose text is a web address.
# `placeholders`: URLs that are always tracked. Each copy replaces them by its tracked
# URLs.
# `leave_quotes`: whether to leave links in quotes of other emails alone.
Policy = namedtuple(
    "Policy",
    "author_html own_urls leave_addresses placeholders leave_quotes",
    defaults=[True],
)
# Track all links that are not exempt and not in a quote: there is no layout.
DEFAULT_POLICY = Policy(
    author_html=None, own_urls=(), leave_addresses=False, placeholders=frozenset()
)

_Occurrence = namedtuple("_Occurrence", "url label start end")

_LINK_TAGS = frozenset(("a", "area", html_tags.VML))
# The addition must not be inside one of these elements if the element never ends. Email
# clients would move the addition out of a table, or not load the image.
_ENCLOSING_TAGS = frozenset(("table", "select", "template", "svg", "math", "object"))
_ENDS = ("body", "html", html_tags.SWALLOWED)  # in order of preference
_TAGS = _LINK_TAGS | _ENCLOSING_TAGS | {"body", "html"}

_http = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_URL_EDGES = "".join(map(chr, range(0x21)))


class Document:
    """Find the links and the end of an email's HTML, and rewrite it for each copy.

    :param str html: a document or a fragment; it may be malformed
    :param Policy policy: rules that select the links to track
    """

    def __init__(self, html, policy=DEFAULT_POLICY):
        self.html = html
        self.policy = policy
        self._author = _Author(html, policy)
        self._occurrences = []
        self._end = self._find_links_and_end()

    @property
    def links(self):
        """Return the links to track, in order, with each destination once.

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
        """Return the HTML with new destinations and an addition at the end: inside the
        body, but outside elements that would hide the addition.

        :param dict[str, str] targets: destination -> new destination
        :param str addition: HTML of complete elements
        :rtype: str
        """
        head, tail = self.split(targets)
        return f"{head}{addition}{tail}"

    def split(self, targets):
        """Return the HTML with new destinations in two parts: before and after the
        position of an addition.

        :param dict[str, str] targets: destination -> new destination
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

        :param list[tuple] edits: start, end and new text of each edit, in order
        :param int position: the position where the part begins
        :param int stop: the position where the part ends
        """
        pieces = []
        for start, end, text in edits:
            pieces += [self.html[position:start], text]
            position = end
        return "".join([*pieces, self.html[position:stop]])

    def _find_links_and_end(self):
        """Find the links, and the end of the body.

        :return: the position before the last end tag of the body, or of the document if
            the body has no end tag. If one of `_ENCLOSING_TAGS` is open there, return
            the position before this element.
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
        """Add a link to the links to track, if the policy selects it."""
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
    """Render the invisible image.

    The image is transparent and not hidden, because email clients do not load hidden
    images. Displayed as a block, it does not add a line of text height.

    :param str source: URL of the image
    :return: HTML
    :rtype: str
    """
    return (
        f'<img src="{html_lib.escape(source)}" width="1" height="1" alt="" border="0"'
        ' style="display:block;width:1px;height:1px;margin:0;padding:0;border:0;'
        'opacity:0">'
    )


def render_decoy(url):
    """Render the decoy link: a link that only programs find.

    It is an area of an image map that no image uses. Email clients do not display it,
    the Tab key and screen readers skip it, and conversions to text leave it out.

    :param str url: URL of the link
    :return: HTML
    :rtype: str
    """
    return (
        f'<map name="m1"><area href="{html_lib.escape(url)}" alt="" aria-hidden="true"'
        ' tabindex="-1" shape="rect" coords="0,0,0,0"></map>'
    )


class _Author:
    """Locate the part of an email that the author wrote, without quoted emails."""

    def __init__(self, html, policy):
        author_html = policy.author_html
        self._start, self._end, self._urls = 0, len(html), None
        if author_html is not None:
            self._start = html.find(author_html)
            self._end = self._start + len(author_html)
        if self._start < 0:
            # The layout changed the author's part, or Odoo's sanitizer changed
            # `author_html`: recognize the author's links by their destinations.
            author_policy = DEFAULT_POLICY._replace(leave_quotes=policy.leave_quotes)
            links = Document(author_html, author_policy).links
            self._urls = {unquote(link.url) for link in links}
            self._start, self._end = 0, len(html)
        self._quotes = None
        if policy.leave_quotes:
            # Search only the author's part: the layout around it has no quotes.
            self._quotes = quoted_emails.Quotes(html, self._start, self._end)

    def has_quoted(self, tag):
        """Return whether a tag is in a quote of another email."""
        return bool(self._quotes) and self._quotes.contains(tag.start)

    def has_written(self, tag, url):
        """Return whether a link is in the author's part."""
        if self._urls is None:
            return self._start <= tag.start < self._end
        # Conditional tags can only come from the author. The sanitizer removes them
        # from `author_html`.
        return tag.conditional or unquote(url) in self._urls


def _is_main_button(url, policy):
    """Return whether a link in the layout leads to the record: to this Odoo, with a
    query that names the record. Other links in layouts are about the company.
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
    # URL Standard, section 4.4: spaces and control characters around a URL are not part
    # of it, nor are tabs and line breaks anywhere.
    url = html_tags.decode(value).strip(_URL_EDGES)
    for character in "\t\n\r":
        url = url.replace(character, "")
    return url if _http.match(url) else None


class _OpenTags:
    """Keep the stack of open tags, with the outermost tag first."""

    def __init__(self):
        self._tags = []
        self._counts = Counter()  # avoids a search for end tags without a start tag

    @property
    def outermost(self):
        return self._tags[0] if self._tags else None

    def open(self, tag):
        self._tags.append(tag)
        self._counts[tag.name] += 1

    def close(self, name):
        """Close the innermost tag with this name, and all tags that are open inside."""
        while self._counts[name]:
            dropped_name = self._tags.pop().name
            self._counts[dropped_name] -= 1
            if dropped_name == name:
                return
