"""Finds what is ours in HTML that comes back: quoted in a reply, forwarded or pasted.

A URL is ours if its token is signed by us, whatever the host is: this Odoo may have had
another address then. Mail clients and gateways put URLs into ones of their own:

- Gmail ``https://ci3.googleusercontent.com/meips/…=s0-d-e1-ft#URL`` (images;
  wordtothewise.com "Gmail deploys image proxy servers")
- Google ``https://www.google.com/url?q=URL&source=gmail&ust=…&usg=…``
- Microsoft ``https://eur01.safelinks.protection.outlook.com/?url=URL&data=…``
- Proofpoint ``https://urldefense.com/v3/__URL__;!!…$``, and before
  ``https://urldefense.proofpoint.com/v2/url?u=https-3A__host_path&d=…``

So any URL that holds ours counts, and goes as a whole. Works on the text itself, as
`markup` and `rewrite` do: every other character stays.
"""

import html as html_lib
import re
from bisect import bisect_left
from collections import namedtuple
from itertools import islice
from urllib.parse import unquote

from . import html_tags, line_folding, tracking_token

_Place = namedtuple("_Place", "start end token")  # what to replace

_TOKEN = r"[A-Za-z0-9_-]{26,200}"
# A URL in text or in an attribute, with the punctuation after it. "&gt;" and a comma
# before another URL end it, "&amp;" is part of it. No megabytes are read as one.
_url = re.compile(
    r"""[hH][tT]{2}[pP][sS]?:(?:[^\s"'<>`\u200b()\[\]{}\\^&,;]|[,;](?!https?:)"""
    r"|&(?!(?:lt|gt|quot|apos|nbsp|#0*(?:9|10|13|32|34|39|60|62|160)"
    r"|#[xX]0*(?:9|[aAdD]|2[027]|3[cCeE]|[aA]0));)){1,8000}"
)
_ours = re.compile(rf"/t/(?P<stop>stop/)?(?P<token>{_TOKEN})(?P<image>\.gif)?")
# The same in any of the ways to write it. It begins with a letter for speed.
_maybe_ours = re.compile(
    rf"t(?<=[/Ff_]t)(?:/|%(?:25)*2[Ff]|_)(?:stop(?:/|%(?:25)*2[Ff]|_))?{_TOKEN}"
)
# What comes before it where the URL is ours, and not another one that holds ours.
_own_address = re.compile(r"https?://[\w.:-]+(?:/[\w.-]+)*", re.IGNORECASE)
_PROOFPOINT_2 = str.maketrans("-_", "%/")  # Proofpoint's URLDefenseDecode.py
_PUNCTUATION = ".,:;!?*"
_BRACKETS = (("[", "]"), ("&lt;", "&gt;"))
_TEXT_BRACKETS = (("[", "]"), ("<", ">"))
_IMAGE_TAGS = frozenset(("img", "v:imagedata"))

NOWHERE = "#"
_MAX_ENCODINGS = 3  # of a URL in another one
_MAX_TRIES = 5  # look-alikes in one URL, each of which costs a hash
_MAX_ENDS = 6  # places where a URL that was broken can end
_MAX_APPENDED = 2  # "_" or "-" after a token: Proofpoint's, or to mark it as important


def may_hold_tracked_url(html, fold=None):
    """Whether something in a text looks like a tracked URL; cheap.

    :param str html:
    :param str | None fold: how its lines can be broken
    :rtype: bool
    """
    if _maybe_ours.search(html):
        return True
    return bool(fold and _maybe_ours.search(line_folding.UnfoldedText(html, fold).text))


class QuotedText:
    """HTML that comes back, read once.

    :param str html: a document or a fragment, however malformed; or escaped text
    :param dict[int, bytes] keys: key id -> secret
    :param bool is_html: whether it is HTML; else plain text, not escaped
    :param str | None fold: how its lines can be broken, from
        `line_folding.read_folding`
    """

    def __init__(self, html, keys, *, is_html=True, fold=None):
        self.html = html
        self._is_html = is_html
        places = [
            _find_ours(url[0], url.start(), keys)
            for url in (_url.finditer(html) if may_hold_tracked_url(html) else ())
        ]
        self._places = [place for place in places if place]
        if fold:
            broken = _find_broken(line_folding.UnfoldedText(html, fold), keys)
            self._places = sorted([*self._places, *broken], key=lambda place: place[:2])

    def __bool__(self):
        """Whether anything in it is ours."""
        return bool(self._places)

    @property
    def link_tokens(self):
        """Of the tracked links in it.

        :rtype: list[tracking_token.Token]
        """
        return [
            place.token
            for place in self._places
            if place.token.kind == tracking_token.LINK
        ]

    def restore(self, urls):
        """The same HTML without our images, and with the original links. Who objects to
        being tracked is who got the email, and not who has it quoted: that link leads
        nowhere.

        :param dict[tuple[int, int], str] urls: trackable link's id and nonce -> its
            destination. Links that are not in it stay.
        :rtype: str
        """
        images = [
            place for place in self._places if place.token.kind == tracking_token.OPEN
        ]
        edits = [(*self._with_brackets(image), "") for image in images]
        edits += self._image_tags([image.start for image in images])
        for place in self._places:
            if place.token.kind == tracking_token.OBJECTION:
                edits.append((place.start, place.end, NOWHERE))
                continue
            url = urls.get((place.token.link_id, place.token.link_nonce))
            if place.token.kind == tracking_token.LINK and url is not None:
                edits.append((place.start, place.end, self._write(url)))
        pieces, position = [], 0
        for start, end, text in sorted(edits):
            if start >= position:  # else it goes with its tag
                pieces += [self.html[position:start], text]
                position = end
        return "".join([*pieces, self.html[position:]])

    def _write(self, url):
        if not self._is_html:
            return url
        # A space would end it in an attribute without quotes.
        return html_lib.escape(url).replace(" ", "&#32;")

    def _with_brackets(self, image):
        """Where it is, with those that mail clients put it in as text."""
        for opening, closing in _BRACKETS if self._is_html else _TEXT_BRACKETS:
            before = self.html.endswith(opening, 0, image.start)
            if before and self.html.startswith(closing, image.end):
                return image.start - len(opening), image.end + len(closing)
        return image.start, image.end

    def _image_tags(self, starts):
        """The edits that remove the tags around what starts there."""
        if starts and self._is_html:
            for tag in html_tags.find_tags(self.html, _IMAGE_TAGS, conditional=True):
                first = bisect_left(starts, tag.start)
                is_ours = first < bisect_left(starts, tag.end)
                if is_ours and tag.name != html_tags.SWALLOWED:
                    yield tag.start, tag.end, ""


def _find_broken(unfolded, keys):
    """Find tracked URLs that a mail client broke into lines. Only URLs with a valid
    signature count: other lines merely follow each other.

    :param line_folding.UnfoldedText unfolded:
    :rtype: Iterator[_Place]
    """
    if not unfolded.breaks or not may_hold_tracked_url(unfolded.text):
        return
    position = 0
    while found := _url.search(unfolded.text, position):
        start, position = found.span()
        breaks = unfolded.breaks_within(start, position)
        # The text after a break can be a word of the next line.
        ends = [position, *reversed(breaks)] if breaks else []
        for end in ends[:_MAX_ENDS]:
            place = _find_ours(unfolded.text[start:end], start, keys)
            if place and unfolded.breaks_within(start, place.end):
                yield _Place(
                    unfolded.original_start(start),
                    unfolded.original_end(place.end),
                    place.token,
                )
                position = place.end
                break


def _find_ours(url, start, keys):
    """Our URL without what follows it, or all of the URL that holds it.

    :param str url:
    :param int start: where it begins
    :rtype: _Place | None
    """
    decoded = url
    if not may_hold_tracked_url(url):
        return None
    if "/v2/url?" in url and "-3A__" in url:
        decoded = url.translate(_PROOFPOINT_2)
    for _time in range(_MAX_ENCODINGS):
        decoded = unquote(decoded)
    for match in islice(_ours.finditer(decoded), _MAX_TRIES):
        signed, token_end = _verify(match, keys)
        if signed:
            end = len(url.rstrip(_PUNCTUATION))
            is_own = _own_address.fullmatch(decoded, 0, match.start())
            if is_own and url.startswith(decoded[:token_end]):
                end = token_end
            return _Place(start, start + end, signed)
    return None


def _kind_of(match):
    if match["stop"]:
        return tracking_token.OBJECTION
    return tracking_token.OPEN if match["image"] else tracking_token.LINK


def _verify(match, keys):
    """The token that is in what looks like one of ours, and where it ends.

    :rtype: tuple[tracking_token.Token | None, int]
    """
    text, kind = match["token"], _kind_of(match)
    for appended in range(_MAX_APPENDED + 1):
        try:
            return tracking_token.verify(text, kind, keys), match.end() - appended
        except tracking_token.InvalidToken:
            if match["image"] or text[-1] not in "_-":
                break
            text = text[:-1]
    return None, 0
