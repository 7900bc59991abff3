"""Reads the tags of HTML where they stand, as browsers do.

No tree is built: a tag is known by its place in the text, so that everything else
can stay as it was. The rules are those of the HTML Standard, section 13.2.5; what
mail clients read besides, Outlook's conditional comments, is told from comments.
"""

import functools
import html as html_lib
import re
from collections import namedtuple
from html.entities import html5 as _ENTITIES

COMMENT = "!--"
# The last tag of all where a comment, raw text or tag never ends: what comes after
# its start is not read as HTML by anyone.
SWALLOWED = ""
VML = "v:*"

# `attributes`: where they begin. `conditional`: only Outlook reads it.
Tag = namedtuple("Tag", "name closing start attributes end conditional")

# Their content is text, whatever it looks like, up to the end tag.
_RAW_TAGS = frozenset(
    "script style textarea title xmp iframe noembed noframes plaintext".split()
)
_RAW_END = {
    name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE) for name in _RAW_TAGS
}

_SPACE = r"[ \t\n\f\r]"
_NAME = r"[^ \t\n\f\r/>]"
# The rest of a tag after its name, as nearly everyone writes it: a name, "=", a value.
# There is one way only to match it, so that a tag that never ends fails in linear time.
_PLAIN_REST = (
    r"""(?=[ \t\n\f\r/>])(?:[^<>"'=]*(?<![ \t\n\f\r/"'])="""
    r"""(?:"[^"]*"|'[^']*'|[^ \t\n\f\r/<>"'=]+(?=[ \t\n\f\r>])))*[^<>"'=]*>"""
)
# Any attribute at all.
_ATTRIBUTE = (
    r"[ \t\n\f\r/]*(?P<name>[^ \t\n\f\r/>][^ \t\n\f\r/>=]*)"
    rf"(?:{_SPACE}*={_SPACE}*"
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|(?P<bare>[^ \t\n\f\r"'>][^ \t\n\f\r>]*)|(?=>))"""
    rf"|(?!{_SPACE}*=))"
)
_ANONYMOUS_ATTRIBUTE = re.sub(r"\?P<\w+>", "?:", _ATTRIBUTE)
_attribute = re.compile(_ATTRIBUTE)
# The lookahead makes the attributes atomic: matched in one way only, as above.
_attributes_end = re.compile(
    rf"(?=(?P<attributes>(?:{_ANONYMOUS_ATTRIBUTE})*))(?P=attributes)[ \t\n\f\r/]*>"
)
_comment_end = re.compile(r"--!?>")
_condition = re.compile(r"<!--\[if [^\]>]*\]>", re.IGNORECASE)
# Python refuses to read a number of thousands of digits, zeros at its start included.
_leading_zeros = re.compile(r"&#0+(?=[0-9])")
_large_number = re.compile(r"&#[0-9]{8,};?")
_REPLACEMENT = "\ufffd"
_reference = re.compile(
    r"&(?:#(?:[0-9]+|[xX][0-9a-fA-F]+);?|(?P<name>[a-zA-Z][a-zA-Z0-9]*;?))"
)


def find_tags(html, names, *, conditional=False, start=0, end=None):
    """The tags of these names, in order, but for what stands in comments and raw text.

    :param str html: a document or a fragment, however malformed
    :param frozenset[str] names: lowercase; ``COMMENT`` for the comments, ``VML`` for
        the tags of Outlook's drawings
    :param bool conditional: also those in Outlook's conditional comments
    :param int start: where to begin
    :param int end: where to end, as if the text ended there
    :return: them, and at the end ``SWALLOWED`` where there is such
    :rtype: Iterator[Tag]
    """
    end = len(html) if end is None else end
    next_markup = _next_markup(names).match
    position = start
    while position < end:
        found = next_markup(html, position, end)
        position = found.end()
        if found["name"]:
            tag = _read_tag(html, found, end)
            start, position = found.start("markup"), tag and tag.end
            if tag and (tag.name in names or (VML in names and tag.name[:2] == "v:")):
                yield tag
            if tag and tag.name in _RAW_TAGS and not tag.closing:
                position = _end_of_raw_text(html, tag, end)
        elif found["markup"]:
            start = found.start("markup")
            position = _end_of_declaration(html, start, end)
            if position is not None and COMMENT in names:
                yield Tag(COMMENT, False, start, start, position, False)
            if position is not None and conditional:
                yield from _conditional_tags(html, names, start, position)
        if position is None:
            yield Tag(SWALLOWED, False, start, start, end, False)
            return


def read_attributes(html, tag):
    """A tag's attributes, in order.

    :param str html: that the tag is of
    :param Tag tag:
    :return: lowercase name, and start and end of the value, the same where it has none
    :rtype: Iterator[tuple[str, tuple[int, int]]]
    """
    position = tag.attributes
    # Not `finditer`: it would begin anew at each of the spaces at the end.
    while found := _attribute.match(html, position, tag.end):
        quoting, position = found.lastgroup, found.end()
        value = (position, position) if quoting == "name" else found.span(quoting)
        yield found["name"].lower(), value


def find_attribute(html, tag, name):
    """Where the value of an attribute is; the first of a name counts.

    :param str html: that the tag is of
    :param Tag tag:
    :param str name: lowercase
    :return: start and end, None where there is no such attribute
    :rtype: tuple[int, int] | None
    """
    for found, value in read_attributes(html, tag):
        if found == name:
            return value
    return None


def decode(value):
    """An attribute's value, as it is meant.

    `&copy=1` in a query string is no copyright sign (HTML Standard, 13.2.5.73).

    :param str value: as written
    :rtype: str
    """
    return _reference.sub(_resolve, value) if "&" in value else value


def unescape(text):
    """A text, as it is read; of any number of digits in its character references.

    A number that is no character's is read as U+FFFD (HTML Standard, 13.2.5.80).

    :param str text: as written
    :rtype: str
    """
    if "&" not in text:
        return text
    if "&#" in text:
        text = _large_number.sub(_REPLACEMENT, _leading_zeros.sub("&#", text))
    return html_lib.unescape(text)


@functools.cache
def _next_markup(names):
    """What passes over text and over plain tags of other names, as far as it can, to
    what may be of interest. Not over any number at once: each takes memory.
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


def _read_tag(html, found, end):
    """The tag that begins there, None where it never ends."""
    name, attributes, tag_end = found["name"].lower(), found.end("name"), found.end()
    if found["plain"] is None:
        whole = _attributes_end.match(html, attributes, end)
        if not whole:
            return None
        tag_end = whole.end()
    start = found.start("markup")
    return Tag(name, bool(found["closing"]), start, attributes, tag_end, False)


def _conditional_tags(html, names, start, end):
    """What only Outlook reads, in the comment between these places."""
    condition = _condition.match(html, start, end)
    if condition:
        for tag in find_tags(html, names, start=condition.end(), end=end - len("-->")):
            if tag.name != SWALLOWED:
                yield tag._replace(conditional=True)


def _end_of_declaration(html, start, end):
    """Of a comment, a doctype and the like; None where it never ends."""
    if not html.startswith("<!--", start, end):
        position = html.find(">", start, end)
        return position + 1 if position >= 0 else None
    for abrupt in ("<!-->", "<!--->"):
        if html.startswith(abrupt, start, end):
            return start + len(abrupt)
    found = _comment_end.search(html, start + len("<!--"), end)
    return found.end() if found else None


def _end_of_raw_text(html, tag, end):
    """Where the end tag begins, None where there is none."""
    found = _RAW_END[tag.name].search(html, tag.end, end)
    return found.start() if found and tag.name != "plaintext" else None


def _resolve(reference):
    text, name = reference[0], reference["name"]
    if name is None:
        return unescape(text)
    followed_by_equals = reference.string[reference.end() : reference.end() + 1] == "="
    if name not in _ENTITIES or (followed_by_equals and not name.endswith(";")):
        return text
    return _ENTITIES[name]
