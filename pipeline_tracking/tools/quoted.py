"""Finds what is ours in HTML that comes back: quoted in a reply, forwarded or pasted.

A URL is ours if its token is signed by us, whatever the host is: this Odoo may have had
another address then. Mail clients and gateways put URLs into ones of their own. What
these look like, as far as it matters:

- Gmail's images ``https://ci3.googleusercontent.com/meips/…=s0-d-e1-ft#URL``
  (formerly ``/proxy/…#URL``, wordtothewise.com "Gmail deploys image proxy servers"),
  and links ``https://www.google.com/url?q=URL&source=gmail&ust=…&usg=…``
- Microsoft Safe Links ``https://eur01.safelinks.protection.outlook.com/?url=`` or
  ``/ap/…/?url=``, the URL percent-encoded, ``&data=…&sdata=…&reserved=0``
- Proofpoint ``https://urldefense.com/v3/__URL__;!!…$``, and before
  ``https://urldefense.proofpoint.com/v2/url?u=https-3A__host_path&d=…`` with ``-`` for
  ``%`` and ``_`` for ``/`` (Proofpoint's URLDefenseDecode.py)
- Barracuda ``https://linkprotect.cudasvc.com/url?a=URL&c=E,1,…``, percent-encoded or
  not (campus.barracuda.com "Understanding Link Protection"), and many alike

Works on the text itself, as `markup` and `rewrite` do: every other character stays.
"""

import html as html_lib
import re
from bisect import bisect_left
from collections import namedtuple
from urllib.parse import quote

from . import markup, token

# Where a URL of ours stands, or all of what was made of it. `levels`: how many times
# what stands there is percent-encoded.
_Place = namedtuple("_Place", "start end token levels")

# A slash: as it is, percent-encoded up to four times, or as a character reference.
_SLASH = r"(?:/|%(?:25){0,3}2[Ff]|&#(?:47|[xX]2[Ff]);)"
_last_slash = re.compile(rf"{_SLASH}\Z")
_scheme = re.compile(
    rf"https?(?::|%(?:25){{0,3}}3A|&#(?:58|x3A);){_SLASH}{_SLASH}", re.IGNORECASE
)
# Begins with a letter, for speed. Nothing that it matches can begin in another's match.
_ours = re.compile(
    rf"t(?:(?<=/t)|(?<=2[Ff]t)|(?<=&#47;t)|(?<=&#[xX]2[Ff];t)){_SLASH}"
    r"(?P<token>[A-Za-z0-9_-]{26,200})(?P<image>\.gif)?"
)
_ours_at_proofpoint = re.compile(
    r"-3A__[A-Za-z0-9.-]{1,255}_t_"
    r"(?P<token>(?:[A-Za-z0-9]|-2D|-5F){26,400})(?P<image>\.gif)?"
)
# What ends a URL, in text and in attributes.
_END = (
    r"""[\s"'<>`\u200b]|&(?:lt|gt|quot|apos|nbsp"""
    r"|#0{0,5}(?:9|10|13|32|34|39|60|62|160)"
    r"|#[xX]0{0,5}(?:9|[aAdD]|2[027]|3[cCeE]|[aA]0));"
)
_end = re.compile(_END)
# What others' URLs do not hold after ours.
_wrapper_end = re.compile(rf"{_END}|[()\[\]{{}}\\^]|[,;](?=https?://)")
_reference_end = re.compile(r"&#?[A-Za-z0-9]{1,8}\Z")
_PUNCTUATION = ".,:;!?*"
_JOINTS = "=#/_?"  # before a URL in another one
_HOST = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:-"
_BRACKETS = (("[", "]"), ("&lt;", "&gt;"))

_MAX_WRAPPING = 8192  # characters, before ours and after it
_MAX_APPENDED = 4  # characters of a token's alphabet that may follow it

_IMAGE_TAGS = frozenset(("img", "v:imagedata", "v:fill", "v:image"))


def may_hold_ours(html):
    """Whether something in a text looks like a tracked URL; cheap.

    :param str html:
    :rtype: bool
    """
    return _may_be_plain(html) or _may_be_at_proofpoint(html)


def _may_be_plain(html):
    # What the expression looks for, where it looks for it: this alone is fast.
    parts = ("/t/", "2Ft%", "2ft%", ";t&#")
    return any(part in html for part in parts) and bool(_ours.search(html))


def _may_be_at_proofpoint(html):
    return "-3A__" in html and bool(_ours_at_proofpoint.search(html))


class Quotation:
    """HTML that comes back, read once.

    :param str html: a document or a fragment, however malformed; or escaped text
    :param dict[int, bytes] keys: key id -> secret
    """

    def __init__(self, html, keys):
        self.html = html
        self._places = _find(html, keys)
        self._image_tags = self._find_image_tags()

    def __bool__(self):
        """Whether anything in it is ours."""
        return bool(self._places)

    @property
    def link_tokens(self):
        """Of the tracked links in it.

        :rtype: list[token.Token]
        """
        return [place.token for place in self._places if place.token.kind == token.LINK]

    def restore(self, urls):
        """The same HTML without our images, and with the original links.

        :param dict[tuple[int, int], str] urls: trackable link's id and nonce -> its
            destination. Links that are not in it stay.
        :rtype: str
        """
        edits = [(start, end, "") for start, end in self._image_tags]
        starts = [start for start, _end, _text in edits]
        for place in self._places:
            index = bisect_left(starts, place.end) - 1
            if index >= 0 and place.start < self._image_tags[index][1]:
                continue  # it goes with its tag
            if place.token.kind == token.OPEN:
                edits.append((place.start, place.end, ""))
                continue
            url = urls.get((place.token.link_id, place.token.link_nonce))
            if url is not None:
                edits.append((place.start, place.end, _written(url, place.levels)))
        pieces, position = [], 0
        for start, end, text in sorted(edits):
            pieces += [self.html[position:start], text]
            position = end
        return "".join([*pieces, self.html[position:]])

    def _find_image_tags(self):
        """Where tags of images are that show ours.

        :rtype: list[tuple[int, int]]
        """
        starts = [
            place.start for place in self._places if place.token.kind == token.OPEN
        ]
        if not starts:
            return []
        names = frozenset(("img", markup.VML))
        spans = []
        for tag in markup.tags(self.html, names, conditional=True):
            if tag.name in _IMAGE_TAGS:
                index = bisect_left(starts, tag.start)
                if index < len(starts) and starts[index] < tag.end:
                    spans.append((tag.start, tag.end))
        return spans


def _find(html, keys):
    """
    :return: in order, none overlaps another
    :rtype: list[_Place]
    """
    found = []
    if _may_be_plain(html):
        found += [(match, False) for match in _ours.finditer(html)]
    if _may_be_at_proofpoint(html):
        found += [(match, True) for match in _ours_at_proofpoint.finditer(html)]
        found.sort(key=lambda pair: pair[0].start())
    places, floor = [], 0
    for match, is_proofpoint in found:
        if match.start() < floor:
            continue  # in the same wrapper
        text = match["token"]
        if is_proofpoint:
            text = text.replace("-2D", "-").replace("-5F", "_")
        signed, appended = _verify(text, bool(match["image"]), keys)
        if signed:
            end = match.end() - appended
            place = _place(html, floor, match, end, signed, is_proofpoint)
            if place:
                places.append(place)
                floor = place.end
    return places


def _verify(text, is_image, keys):
    """The token that a text begins with, and how many characters follow it.

    Those may be part of a wrapper, or of what marks a word as important in text.

    :rtype: tuple[token.Token | None, int]
    """
    kind = token.OPEN if is_image else token.LINK
    for appended in range(_MAX_APPENDED + 1):
        try:
            return token.verify(text, kind, keys), appended
        except token.InvalidToken:
            if is_image or text[-1] not in "_-":
                break
            text = text[:-1]
    return None, 0


def _place(html, floor, match, token_end, signed, is_proofpoint):
    """What to replace, None where it cannot be told.

    :param int floor: where it may begin
    :rtype: _Place | None
    """
    left = max(floor, match.start() - _MAX_WRAPPING)
    for found in _end.finditer(html, left, match.start()):
        left = found.end()
    schemes = list(_scheme.finditer(html, left, match.start()))
    if is_proofpoint:
        return schemes and _wrapper(html, floor, schemes, token_end, signed)
    slash = _last_slash.search(html, max(left, match.start() - 9), match.start())
    if not slash:  # it is part of what comes before
        return None
    is_encoded = "%" in slash[0]
    if not schemes:
        if is_encoded:
            return None
        start = left + len(html[left : slash.start()].rstrip(_HOST))
        start -= len("//") if html.endswith("//", left, start) else 0
        return _around(html, floor, start, token_end, signed)
    own = schemes[-1]
    between = html[own.end() : slash.start()]
    if is_encoded or "?" in between or "#" in between or _is_wrapped(html, schemes):
        wrapper = _wrapper(html, floor, schemes, token_end, signed)
        if wrapper:
            return wrapper
    levels = len(slash[0]) // len("25") if is_encoded else int("%" in own[0])
    return _around(html, floor, own.start(), token_end, signed, levels)


def _is_wrapped(html, schemes):
    """Whether the last of these begins a URL that is part of the one before it."""
    own = schemes[-1]
    return "%" in own[0] or (len(schemes) > 1 and html[own.start() - 1] in _JOINTS)


def _wrapper(html, floor, schemes, token_end, signed):
    """The outermost URL that ours is in, None where there is none.

    :rtype: _Place | None
    """
    while _is_wrapped(html, schemes):
        schemes = schemes[:-1]
        if not schemes:
            return None
    limit = min(len(html), token_end + _MAX_WRAPPING)
    found = _wrapper_end.search(html, token_end, limit)
    rest = html[token_end : found.start() if found else limit]
    stripped = rest.rstrip(_PUNCTUATION)
    if rest.startswith(";", len(stripped)) and _reference_end.search(stripped):
        stripped += ";"
    end = token_end + len(stripped)
    return _around(html, floor, schemes[-1].start(), end, signed)


def _around(html, floor, start, end, signed, levels=0):
    """The place, of an image with the brackets that mail clients put it in as text."""
    if signed.kind == token.OPEN:
        for opening, closing in _BRACKETS:
            if html.endswith(opening, floor, start) and html.startswith(closing, end):
                start, end = start - len(opening), end + len(closing)
                break
    return _Place(start, end, signed, levels)


def _written(url, levels):
    """A destination, as it is to stand in HTML."""
    if levels:
        for _level in range(levels):
            url = quote(url, safe="")
        return url
    # A space would end it in an attribute without quotes.
    return html_lib.escape(url).replace(" ", "&#32;")
