"""Find and replace this database's tracked URLs in replies, forwards and pasted text.

A URL is a tracked URL if a key of this database signed its token. The host does not
matter, because the address of this Odoo can change. Email clients and gateways wrap
URLs into other URLs:

- Gmail ``https://ci3.googleusercontent.com/meips/…=s0-d-e1-ft#URL`` (images;
  wordtothewise.com "Gmail deploys image proxy servers")
- Google ``https://www.google.com/url?q=URL&source=gmail&ust=…&usg=…``
- Microsoft ``https://eur01.safelinks.protection.outlook.com/?url=URL&data=…``
- Proofpoint ``https://urldefense.com/v3/__URL__;!!…$``, and formerly
  ``https://urldefense.proofpoint.com/v2/url?u=https-3A__host_path&d=…``

A URL that contains a tracked URL is therefore replaced as a whole. All other characters
stay the same, as in `html_tags` and `rewrite`.
"""

import html as html_lib
import re
from bisect import bisect_left
from collections import namedtuple
from itertools import islice
from urllib.parse import unquote

from . import html_tags, line_folding, tracking_token

# `start`, `end`: the span of the text to replace.
_TrackedUrl = namedtuple("_TrackedUrl", "start end token")

_TOKEN = r"[A-Za-z0-9_-]{26,200}"
# A URL in text or in an attribute, with the punctuation after the URL. "&amp;" is part
# of a URL; "&gt;", or a comma before another URL, ends a URL. The length is bounded.
_url = re.compile(
    r"""[hH][tT]{2}[pP][sS]?:(?:[^\s"'<>`\u200b()\[\]{}\\^&,;]|[,;](?!https?:)"""
    r"|&(?!(?:lt|gt|quot|apos|nbsp|#0*(?:9|10|13|32|34|39|60|62|160)"
    r"|#[xX]0*(?:9|[aAdD]|2[027]|3[cCeE]|[aA]0));)){1,8000}"
)
_tracked_path = re.compile(rf"/t/(?P<stop>stop/)?(?P<token>{_TOKEN})(?P<image>\.gif)?")
# The same path in any encoding. The pattern begins with a letter for speed.
_maybe_tracked_path = re.compile(
    rf"t(?<=[/Ff_]t)(?:/|%(?:25)*2[Ff]|_)(?:stop(?:/|%(?:25)*2[Ff]|_))?{_TOKEN}"
)
# The text before the path of a tracked URL. A URL that contains a tracked URL does not
# match.
_base_url = re.compile(r"https?://[\w.:-]+(?:/[\w.-]+)*", re.IGNORECASE)
_map_end = re.compile(r"\s*(?:</area\s*>\s*)?</map\s*>", re.IGNORECASE)
_PROOFPOINT_2 = str.maketrans("-_", "%/")  # Proofpoint's URLDefenseDecode.py
_PUNCTUATION = ".,:;!?*"
_BRACKETS = (("[", "]"), ("&lt;", "&gt;"))
_TEXT_BRACKETS = (("[", "]"), ("<", ">"))
_IMAGE_TAGS = frozenset(("img", "v:imagedata"))
_DECOY_TAGS = frozenset(("a", "area", "map"))

NOWHERE = "#"
_MAX_ENCODINGS = 3  # levels of URL encoding to decode
_MAX_TRIES = 5  # possible tokens to verify in a URL; each costs a hash
_MAX_ENDS = 6  # positions to try as the end of a broken URL
_MAX_APPENDED = 2  # "_" or "-" after a token, from Proofpoint or as marks of emphasis


def may_hold_tracked_url(html, folding=None):
    """Return whether any part of a text looks like a tracked URL. The check is fast.

    :param str html:
    :param str | None folding: how the lines are broken, from
        `line_folding.read_folding`
    :rtype: bool
    """
    if _maybe_tracked_path.search(html):
        return True
    if not folding:
        return False
    unfolded = line_folding.UnfoldedText(html, folding)
    return bool(_maybe_tracked_path.search(unfolded.text))


class QuotedText:
    """Find and replace the tracked URLs in a text that quotes a tracked email.

    :param str html: an HTML document or fragment, which may be malformed; or a text
    :param dict[int, bytes] keys: key id -> secret
    :param bool is_html: whether the text is HTML or HTML-escaped, not plain text
    :param str | None folding: how the lines are broken, from
        `line_folding.read_folding`
    """

    def __init__(self, html, keys, *, is_html=True, folding=None):
        self.html = html
        self._is_html = is_html
        tracked_urls = [
            _find_tracked_url(url[0], url.start(), keys)
            for url in (_url.finditer(html) if may_hold_tracked_url(html) else ())
        ]
        self._tracked_urls = list(filter(None, tracked_urls))
        if folding:
            unfolded = line_folding.UnfoldedText(html, folding)
            self._tracked_urls = sorted(
                [*self._tracked_urls, *_find_broken_urls(unfolded, keys)],
                key=lambda tracked_url: tracked_url[:2],
            )

    def __bool__(self):
        """Return whether the text contains a tracked URL."""
        return bool(self._tracked_urls)

    @property
    def link_tokens(self):
        """Return the tokens of the tracked links in the text.

        :rtype: list[tracking_token.Token]
        """
        return [
            tracked_url.token
            for tracked_url in self._tracked_urls
            if tracked_url.token.kind == tracking_token.LINK
        ]

    def restore(self, urls):
        """Return the text with the original links, and without tracking images and
        decoy links.

        Only the recipient may use the objection link. In the result, the link has no
        destination, so that other readers of the text cannot use it.

        :param dict[tuple[int, int], str | None] urls: id and nonce of trackable links
            -> their destinations; None for a decoy link. Other tracked links stay the
            same.
        :rtype: str
        """
        images = [
            tracked_url
            for tracked_url in self._tracked_urls
            if tracked_url.token.kind == tracking_token.OPEN
        ]
        edits = [(*self._get_span_with_brackets(image), "") for image in images]
        edits += self._remove_image_tags([image.start for image in images])
        edits += self._remove_decoys(
            [
                tracked_url
                for tracked_url in self._tracked_urls
                if tracked_url.token.kind == tracking_token.LINK
                and urls.get(_get_link_key(tracked_url.token), "") is None
            ]
        )
        for start, end, token in self._tracked_urls:
            if token.kind == tracking_token.OBJECTION:
                edits.append((start, end, NOWHERE))
                continue
            url = urls.get(_get_link_key(token))
            if token.kind == tracking_token.LINK and url is not None:
                edits.append((start, end, self._escape(url)))
        pieces, position = [], 0
        for start, end, text in sorted(edits):
            if start >= position:  # else the edit is inside a removed tag
                pieces += [self.html[position:start], text]
                position = end
        return "".join([*pieces, self.html[position:]])

    def _escape(self, url):
        if not self._is_html:
            return url
        # A space would end an attribute without quotes.
        return html_lib.escape(url).replace(" ", "&#32;")

    def _get_span_with_brackets(self, tracked_url):
        """Return the span of a tracked URL, with the brackets that email clients put
        around the URL in plain text.
        """
        start, end = tracked_url.start, tracked_url.end
        for opening, closing in _BRACKETS if self._is_html else _TEXT_BRACKETS:
            before = self.html.endswith(opening, 0, start)
            if before and self.html.startswith(closing, end):
                return start - len(opening), end + len(closing)
        return start, end

    def _remove_image_tags(self, starts):
        """Return the edits that remove the tags around image URLs.

        :param list[int] starts: positions of the URLs
        """
        if starts and self._is_html:
            for tag in html_tags.find_tags(self.html, _IMAGE_TAGS, conditional=True):
                first = bisect_left(starts, tag.start)
                has_url = first < bisect_left(starts, tag.end)
                if has_url and tag.name != html_tags.SWALLOWED:
                    yield tag.start, tag.end, ""

    def _remove_decoys(self, decoys):
        """Return the edits that remove decoy links: their areas, with the image map
        around, and their URLs in the text. An email client may have turned an area into
        another link: this link gets no destination.

        :param list[_TrackedUrl] decoys:
        :rtype: list[tuple]
        """
        if not decoys:
            return []
        tags = []
        if self._is_html:
            tags = list(html_tags.find_tags(self.html, _DECOY_TAGS, conditional=True))
        tag_starts = [tag.start for tag in tags]
        edits = []
        for decoy in decoys:
            index = bisect_left(tag_starts, decoy.start) - 1
            tag = tags[index] if index >= 0 else None
            if not tag or tag.end <= decoy.start or tag.name == html_tags.SWALLOWED:
                edits.append((*self._get_span_with_brackets(decoy), ""))
            elif tag.name == "a":
                edits.append((decoy.start, decoy.end, NOWHERE))
            else:
                edits.append((*self._get_span_with_map(tags, index), ""))
        return edits

    def _get_span_with_map(self, tags, index):
        """Return the span of an area, with the image map around it if the map contains
        nothing else.

        :param list[Tag] tags: the tags of `_DECOY_TAGS` in the text
        :param int index: the index of the area's tag
        """
        start, end = tags[index].start, tags[index].end
        map_end = _map_end.match(self.html, end)
        before = tags[index - 1] if index else None
        if map_end and before and before.name == "map" and not before.closing:
            if not self.html[before.end : start].strip():
                return before.start, map_end.end()
        return start, end


def _get_link_key(token):
    """Return id and nonce of a token's link."""
    return (token.link_id, token.link_nonce)


def _find_broken_urls(unfolded, keys):
    """Find tracked URLs that an email client broke into lines. A valid signature proves
    that the lines belong together.

    :param line_folding.UnfoldedText unfolded:
    :rtype: Iterator[_TrackedUrl]
    """
    if not unfolded.breaks or not may_hold_tracked_url(unfolded.text):
        return
    position = 0
    while url := _url.search(unfolded.text, position):
        start, position = url.span()
        breaks = unfolded.breaks_within(start, position)
        # The text after a break can belong to the URL or be a word of the next line.
        ends = [position, *reversed(breaks)] if breaks else []
        for end in ends[:_MAX_ENDS]:
            tracked_url = _find_tracked_url(unfolded.text[start:end], start, keys)
            if tracked_url and unfolded.breaks_within(start, tracked_url.end):
                yield _TrackedUrl(
                    unfolded.original_start(start),
                    unfolded.original_end(tracked_url.end),
                    tracked_url.token,
                )
                position = tracked_url.end
                break


def _find_tracked_url(url, start, keys):
    """Find the tracked URL that a URL begins with, or the whole URL if it contains a
    tracked URL.

    :param str url: a URL that may be or contain a tracked URL
    :param int start: the position of ``url`` in the text
    :rtype: _TrackedUrl | None
    """
    decoded = url
    if not may_hold_tracked_url(url):
        return None
    if "/v2/url?" in url and "-3A__" in url:
        decoded = url.translate(_PROOFPOINT_2)
    for _time in range(_MAX_ENCODINGS):
        decoded = unquote(decoded)
    for match in islice(_tracked_path.finditer(decoded), _MAX_TRIES):
        token, token_end = _verify(match, keys)
        if token:
            end = len(url.rstrip(_PUNCTUATION))
            is_bare = _base_url.fullmatch(decoded, 0, match.start())
            if is_bare and url.startswith(decoded[:token_end]):
                end = token_end
            return _TrackedUrl(start, start + end, token)
    return None


def _get_kind(match):
    if match["stop"]:
        return tracking_token.OBJECTION
    return tracking_token.OPEN if match["image"] else tracking_token.LINK


def _verify(match, keys):
    """Verify the token in a path that looks like the path of a tracked URL.

    :return: the token, or None; and the position where the token ends
    :rtype: tuple[tracking_token.Token | None, int]
    """
    text, kind = match["token"], _get_kind(match)
    for appended in range(_MAX_APPENDED + 1):
        try:
            return tracking_token.verify(text, kind, keys), match.end() - appended
        except tracking_token.InvalidToken:
            if match["image"] or text[-1] not in "_-":
                break
            text = text[:-1]
    return None, 0
