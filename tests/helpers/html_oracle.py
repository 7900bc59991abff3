"""Read HTML with an independent parser, html5lib, which follows the HTML Standard.

The content of Outlook's conditional comments is read too.
"""

import re

import html5lib

_condition = re.compile(r"\[if [^\]>]*\]>(.*)<!\[endif\]", re.DOTALL | re.IGNORECASE)


def events(html):
    """Return a document as a flat list: tags, attributes, text and comments, in order.

    :param str html: a document or a fragment
    :rtype: list[tuple]
    """
    return _merged(_walk(html5lib.parse(html, namespaceHTMLElements=False)))


def links(html):
    """Return the destinations of all links, without surrounding white space.

    :rtype: list[str]
    """
    return [
        clean(value)
        for kind, tag, name, value in _attributes(events(html))
        if is_link(tag, name)
    ]


def is_link(tag, attribute):
    return attribute == "href" and (tag in ("a", "area") or tag.startswith("v:"))


def clean(url):
    """Return a URL as browsers read it (URL Standard, section 4.4)."""
    return re.sub(r"[\t\n\r]", "", url).strip("".join(map(chr, range(0x21))))


def differences(before, after):
    """Return the attributes in which two documents differ.

    :param str before:
    :param str after:
    :return: tag, name of the attribute, value before, value after
    :rtype: list[tuple[str, str, str, str]]
    :raise AssertionError: the documents differ in anything else
    """
    before, after = events(before), events(after)
    assert len(before) == len(after), "the documents have different structures"
    changes = []
    for old, new in zip(before, after, strict=True):
        if old == new:
            continue
        assert old[0] == new[0] == "attribute" and old[:3] == new[:3], (old, new)
        changes.append((*old[1:3], old[3], new[3]))
    return changes


def without_image(html, source):
    """Return the document's events without the image, and the events after the image.

    :param str html:
    :param str source: URL of the image
    :rtype: tuple[list, list]
    :raise AssertionError: the image is not there exactly once
    """
    document_events = events(html)
    (start,) = [
        index
        for index, event in enumerate(document_events)
        if event == ("attribute", "img", "src", source)
    ]
    while document_events[start][0] != "open":
        start -= 1
    end = document_events.index(("close", "img"), start) + 1
    after = document_events[end:]
    return _merged(document_events[:start] + after), after


def _attributes(document_events):
    return [event for event in document_events if event[0] == "attribute"]


def _walk(element):
    if not isinstance(element.tag, str):  # a comment
        yield ("comment", _outside_condition(element.text or ""))
        condition = _condition.search(element.text or "")
        if condition:
            inside = html5lib.parseFragment(condition[1], namespaceHTMLElements=False)
            yield from _walk(inside)
        return
    yield ("open", element.tag)
    for name, value in sorted(element.attrib.items(), key=str):
        yield ("attribute", element.tag, str(name), value)
    yield ("text", element.text or "")
    for child in element:
        yield from _walk(child)
        yield ("text", child.tail or "")
    yield ("close", element.tag)


def _outside_condition(comment):
    return _condition.sub("[if]", comment)


def _merged(document_events):
    """Return the events with adjacent texts joined."""
    merged = []
    for event in document_events:
        if event[0] != "text":
            merged.append(event)
        elif merged and merged[-1][0] == "text":
            merged[-1] = ("text", merged[-1][1] + event[1])
        elif event[1]:
            merged.append(event)
    return merged
