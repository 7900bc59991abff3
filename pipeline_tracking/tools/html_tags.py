"""Find the positions of tags in HTML, as browsers do.

The module builds no tree. A tag is a position in the text, so that callers can leave
all other text unchanged. The rules are those of the HTML Standard, section 13.2.5.
Outlook also reads tags in conditional comments, so these are distinguished from other
comments.
"""

import functools
import html as html_lib
import re
from collections import namedtuple
from html.entities import html5 as _ENTITIES

COMMENT = "!--"
# Name of the last tag if a comment, raw text or tag never ends: email clients do not
# read the text after its start as HTML.
SWALLOWED = ""
VML = "v:*"

# `attributes`: the position where the attributes begin. `conditional`: only Outlook
# reads the tag.
Tag = namedtuple("Tag", "name closing start attributes end conditional")

# The content of these tags is plain text up to the end tag, even if it looks like HTML.
_RAW_TAGS = frozenset(
    "script style textarea title xmp iframe noembed noframes plaintext".split()
)
_RAW_END = {
    name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE) for name in _RAW_TAGS
}

_SPACE = r"[ \t\n\f\r]"
_NAME = r"[^ \t\n\f\r/>]"
# The rest of a tag after its name, with attributes in the usual form: name, "=", value.
# A text matches in one way only, so that a tag that never ends fails in linear time.
_PLAIN_REST = (
    r"""(?=[ \t\n\f\r/>])(?:[^<>"'=]*(?<![ \t\n\f\r/"'])="""
    r"""(?:"[^"]*"|'[^']*'|[^ \t\n\f\r/<>"'=]+(?=[ \t\n\f\r>])))*[^<>"'=]*>"""
)
# An attribute in any form.
_ATTRIBUTE = (
    r"[ \t\n\f\r/]*(?P<name>[^ \t\n\f\r/>][^ \t\n\f\r/>=]*)"
    rf"(?:{_SPACE}*={_SPACE}*"
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|(?P<bare>[^ \t\n\f\r"'>][^ \t\n\f\r>]*)|(?=>))"""
    rf"|(?!{_SPACE}*=))"
)
_ANONYMOUS_ATTRIBUTE = re.sub(r"\?P<\w+>", "?:", _ATTRIBUTE)
_attribute = re.compile(_ATTRIBUTE)
# The lookahead makes the attributes atomic: a text matches in one way only, as above.
_attributes_end = re.compile(
    rf"(?=(?P<attributes>(?:{_ANONYMOUS_ATTRIBUTE})*))(?P=attributes)[ \t\n\f\r/]*>"
)
_comment_end = re.compile(r"--!?>")
_condition = re.compile(r"<!--\[if [^\]>]*\]>", re.IGNORECASE)
# Python does not parse numbers with thousands of digits, even if these are zeros.
_leading_zeros = re.compile(r"&#0+(?=[0-9])")
_large_number = re.compile(r"&#[0-9]{8,};?")
_REPLACEMENT = "\ufffd"
_reference = re.compile(
    r"&(?:#(?:[0-9]+|[xX][0-9a-fA-F]+);?|(?P<name>[a-zA-Z][a-zA-Z0-9]*;?))"
)


def find_tags(html, names, *, conditional=False, start=0, end=None):
    """Find the tags with these names, in order, outside comments and raw text.

    :param str html: a document or a fragment; it may be malformed
    :param frozenset[str] names: lowercase names; ``COMMENT`` for comments, ``VML`` for
        the tags of Outlook's drawings
    :param bool conditional: whether to include tags in Outlook's conditional comments
    :param int start: the position to begin at
    :param int end: the position to end at, as if the text ended there
    :return: the tags; the last tag is ``SWALLOWED`` if a comment, raw text or tag never
        ends
    :rtype: Iterator[Tag]
    """
    end = len(html) if end is None else end
    next_markup = _next_markup(names).match
    position = start
    while position < end:
        markup = next_markup(html, position, end)
        position = markup.end()
        if markup["name"]:
            tag = _read_tag(html, markup, end)
            start, position = markup.start("markup"), tag and tag.end
            if tag and (tag.name in names or (VML in names and tag.name[:2] == "v:")):
                yield tag
            if tag and tag.name in _RAW_TAGS and not tag.closing:
                position = _find_end_of_raw_text(html, tag, end)
        elif markup["markup"]:
            start = markup.start("markup")
            position = _find_end_of_declaration(html, start, end)
            if position is not None and COMMENT in names:
                yield Tag(COMMENT, False, start, start, position, False)
            if position is not None and conditional:
                yield from _find_conditional_tags(html, names, start, position)
        if position is None:
            yield Tag(SWALLOWED, False, start, start, end, False)
            return


def read_attributes(html, tag):
    """Read the attributes of a tag, in order.

    :param str html: the text that contains the tag
    :param Tag tag:
    :return: lowercase name, and start and end of the value. Start and end are equal if
        the attribute has no value.
    :rtype: Iterator[tuple[str, tuple[int, int]]]
    """
    position = tag.attributes
    # `finditer` would start again at each space at the end of the tag.
    while match := _attribute.match(html, position, tag.end):
        quoting, position = match.lastgroup, match.end()
        value = (position, position) if quoting == "name" else match.span(quoting)
        yield match["name"].lower(), value


def find_attribute(html, tag, name):
    """Find the value of the first attribute with a name.

    :param str html: the text that contains the tag
    :param Tag tag:
    :param str name: lowercase name
    :return: start and end of the value; None if there is no such attribute
    :rtype: tuple[int, int] | None
    """
    for attribute_name, value in read_attributes(html, tag):
        if attribute_name == name:
            return value
    return None


def decode(value):
    """Decode the character references in an attribute's value.

    `&copy=1` in a query string is not a copyright sign (HTML Standard, 13.2.5.73).

    :param str value: the value in the HTML
    :rtype: str
    """
    return _reference.sub(_resolve, value) if "&" in value else value


def unescape(text):
    """Decode the character references in a text, with any number of digits.

    A number that is not a character becomes U+FFFD (HTML Standard, 13.2.5.80).

    :param str text: the text in the HTML
    :rtype: str
    """
    if "&" not in text:
        return text
    if "&#" in text:
        text = _large_number.sub(_REPLACEMENT, _leading_zeros.sub("&#", text))
    return html_lib.unescape(text)


@functools.cache
def _next_markup(names):
    """Compile a pattern that skips text and plain tags with other names, up to the next
    markup to look at. The pattern skips at most 1000 tags, because each takes memory.
    """
    interesting = sorted(names - {COMMENT, VML} | _RAW_TAGS)
    if VML in names:
        interesting.append(rf"v:{_NAME}*")
    plain_tag = (
        rf"(?!/?(?:{'|'.join(interesting)})[ \t\n\f\r/>])/?[a-zA-Z]{_NAME}*"
        + _PLAIN_REST
    )
    return re.compile(
        rf"[^<]*(?:<(?:{plain_tag}|(?![a-zA-Z/!?]))[^<]*){{0,1000}}"
        rf"(?P<markup><(?:(?P<closing>/?)(?P<name>[a-zA-Z]{_NAME}*)"
        rf"(?P<plain>{_PLAIN_REST})?|[!?/]))?",
        re.IGNORECASE,
    )


def _read_tag(html, markup, end):
    """Return the tag that begins at a match of `_next_markup`; None if the tag never
    ends.
    """
    name, attributes, tag_end = markup["name"].lower(), markup.end("name"), markup.end()
    if markup["plain"] is None:
        whole = _attributes_end.match(html, attributes, end)
        if not whole:
            return None
        tag_end = whole.end()
    start = markup.start("markup")
    return Tag(name, bool(markup["closing"]), start, attributes, tag_end, False)


def _find_conditional_tags(html, names, start, end):
    """Find the tags in a comment that only Outlook reads."""
    condition = _condition.match(html, start, end)
    if condition:
        for tag in find_tags(html, names, start=condition.end(), end=end - len("-->")):
            if tag.name != SWALLOWED:
                yield tag._replace(conditional=True)


def _find_end_of_declaration(html, start, end):
    """Find the end of a comment, doctype or declaration; None if it never ends."""
    if not html.startswith("<!--", start, end):
        position = html.find(">", start, end)
        return position + 1 if position >= 0 else None
    for abrupt in ("<!-->", "<!--->"):
        if html.startswith(abrupt, start, end):
            return start + len(abrupt)
    comment_end = _comment_end.search(html, start + len("<!--"), end)
    return comment_end.end() if comment_end else None


def _find_end_of_raw_text(html, tag, end):
    """Find the start of the end tag of raw text; None if there is no end tag."""
    end_tag = _RAW_END[tag.name].search(html, tag.end, end)
    return end_tag.start() if end_tag and tag.name != "plaintext" else None


def _resolve(reference):
    text, name = reference[0], reference["name"]
    if name is None:
        return unescape(text)
    followed_by_equals = reference.string[reference.end() : reference.end() + 1] == "="
    if name not in _ENTITIES or (followed_by_equals and not name.endswith(";")):
        return text
    return _ENTITIES[name]
