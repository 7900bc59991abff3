"""Finds and replaces the links of an email's HTML, and adds the image.

Works on the text itself, not on a tree: outside the values that are replaced and
the image that is added, every character stays as it was. Tags, attributes and
comments are told apart as browsers do (HTML Standard, section 13.2.5).
"""

import html as html_lib
import re
import textwrap
from collections import namedtuple
from html.entities import html5 as _ENTITIES
from urllib.parse import urlsplit

LABEL_LENGTH = 80  # characters

Link = namedtuple("Link", "url label")

_LINK_TAGS = frozenset(("a", "area"))
# They do not part words: "P<b>rice</b>" reads "Price".
_INLINE_TAGS = frozenset("!-- b em font i s small span strong sub sup u".split())
# Their content is text, whatever it looks like, up to the end tag.
_TEXT_TAGS = frozenset(
    "script style textarea title xmp iframe noembed noframes".split()
)

_SPACE = r"[ \t\n\f\r]"
_ATTRIBUTE = (
    r"[ \t\n\f\r/]*(?P<name>[^ \t\n\f\r/>][^ \t\n\f\r/>=]*)"
    rf"(?:{_SPACE}*={_SPACE}*"
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|(?P<bare>[^ \t\n\f\r"'>][^ \t\n\f\r>]*)|(?=>))"""
    rf"|(?!{_SPACE}*=))"
)
_ANONYMOUS_ATTRIBUTE = re.sub(r"\?P<\w+>", "?:", _ATTRIBUTE)
_attribute = re.compile(_ATTRIBUTE)
# The lookahead makes the attributes atomic: they are matched in one way only, so
# that a tag that never ends fails in linear time.
_attributes_end = re.compile(
    rf"(?=(?P<attributes>(?:{_ANONYMOUS_ATTRIBUTE})*))(?P=attributes)[ \t\n\f\r/]*>"
)
_markup = re.compile(
    r"<(?:(?P<comment>!--)|(?P<closing>/?)(?P<name>[a-zA-Z][^ \t\n\f\r/>]*))"
)
_comment_end = re.compile(r"--!?>")
_visible_url = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_http = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_reference = re.compile(
    r"&(?:#(?:[0-9]+|[xX][0-9a-fA-F]+);?|(?P<name>[a-zA-Z][a-zA-Z0-9]*;?))"
)

_Tag = namedtuple("_Tag", "name closing start attributes end")


def find_links(html):
    """The http(s) destinations of an email, in order, each once.

    :param str html: a document or a fragment, however malformed
    :return: the address to lead to, and the text people see
    :rtype: list[Link]
    """
    labels = {}
    url, texts, position = None, [], 0
    for tag in _tags(html):
        if url is not None:
            texts.append(html[position : tag.start])
            if tag.name not in _INLINE_TAGS:
                texts += [" ", _attribute_value(html, tag, "alt"), " "]
        position = tag.end
        if tag.name not in _LINK_TAGS:
            continue
        if url is not None:
            labels[url] = labels.get(url) or _label(texts)
        url, texts = _destination(html, tag), []
        if url is not None:
            labels.setdefault(url, "")
            if tag.name == "area":  # has no content
                labels[url] = labels[url] or _label(
                    [_attribute_value(html, tag, "alt")]
                )
                url = None
    if url is not None:
        labels[url] = labels[url] or _label([*texts, html[position:]])
    return [Link(url, label or readable_address(url)) for url, label in labels.items()]


def rewrite_links(html, targets):
    """The same HTML, with other destinations.

    :param str html: as given to `find_links`
    :param dict[str, str] targets: destination -> the URL to put in its place
    :rtype: str
    """
    pieces, position = [], 0
    for tag in _tags(html):
        if tag.name not in _LINK_TAGS or tag.closing:
            continue
        target = targets.get(_destination(html, tag))
        if target is not None:
            start, end = _attribute_span(html, tag, "href")
            pieces += [html[position:start], html_lib.escape(target)]
            position = end
    return "".join([*pieces, html[position:]])


def add_image(html, source):
    """The same HTML, with an image that nobody sees as the last thing of its body.

    :param str html: a document or a fragment
    :param str source: URL of the image
    :rtype: str
    """
    image = (
        f'<img src="{html_lib.escape(source)}" width="1" height="1" alt=""'
        ' style="width:1px;height:1px;border:0;opacity:0">'
    )
    position = len(html)
    for tag in _tags(html):
        if tag.closing and tag.name == "body":
            position = tag.start
    return html[:position] + image + html[position:]


def readable_address(url):
    """Host and path of a URL: what may be shown of it.

    The query and the fragment can hold access tokens, the user part a password.

    :param str url: an http(s) URL, or one that people write without its scheme
    :rtype: str
    """
    try:
        parts = urlsplit(url if "//" in url[:8] else f"//{url}")
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return textwrap.shorten(
        host + parts.path.rstrip("/"), LABEL_LENGTH, placeholder="…"
    )


def _tags(html):
    """Every tag and comment outside of comments and raw text, in order."""
    position = 0
    while found := _markup.search(html, position):
        start = found.start()
        if found["comment"]:
            # `<!-->` and `<!--->` are comments too: the dashes may be shared.
            end = _comment_end.search(html, start + 2)
            position = end.end() if end else len(html)
            yield _Tag("!--", False, start, start, position)
            continue
        end = _attributes_end.match(html, found.end())
        if not end:
            return  # a tag that never ends swallows the rest
        name, position = found["name"].lower(), end.end()
        yield _Tag(name, bool(found["closing"]), start, found.end(), position)
        if name in _TEXT_TAGS and not found["closing"]:
            text_end = re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE).search(
                html, position
            )
            if not text_end:
                return
            position = text_end.start()


def _attribute_span(html, tag, name):
    """Where the value of an attribute is; the first of that name counts."""
    for found in _attribute.finditer(html, tag.attributes, tag.end - 1):
        if found["name"].lower() == name:
            for quoting in ("double", "single", "bare"):
                if found[quoting] is not None:
                    return found.span(quoting)
            return None
    return None


def _attribute_value(html, tag, name):
    span = _attribute_span(html, tag, name)
    return _reference.sub(_resolve, html[slice(*span)]) if span else ""


def _resolve(reference):
    """A character reference, read as browsers read it in an attribute.

    `&copy=1` in a query string is no copyright sign (HTML Standard, 13.2.5.73).
    """
    text, name = reference[0], reference["name"]
    if name is None:
        return html_lib.unescape(text)
    followed_by_equals = reference.string[reference.end() : reference.end() + 1] == "="
    if name not in _ENTITIES or (followed_by_equals and not name.endswith(";")):
        return text
    return _ENTITIES[name]


def _destination(html, tag):
    """The absolute http(s) URL a link leads to, or None."""
    if tag.closing:
        return None
    value = _attribute_value(html, tag, "href")
    # The URL Standard, section 4.4: surrounding spaces and controls, and tabs and
    # line breaks anywhere, are no part of a URL.
    url = re.sub(r"[\t\n\r]", "", value).strip("".join(map(chr, range(0x21))))
    return url if _http.match(url) else None


def _label(texts):
    """A link's visible text, on one line and without the queries of addresses in it;
    "" where it has none.
    """
    text = html_lib.unescape("".join(texts))
    text = _visible_url.sub(lambda found: readable_address(found[0]), text)
    return textwrap.shorten(text, LABEL_LENGTH, placeholder="…")
