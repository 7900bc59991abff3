"""For tests of the list of links: it is read as nginx does."""

import re

DOLLAR = "${tracked_dollar}"
_line = re.compile(r'(/t/[A-Za-z0-9_-]+) "((?:[^"\\\n]|\\["\\])*)";')


def read(text):
    """Where each URL leads, by its path.

    :raise AssertionError: a line is neither a comment nor what nginx understands
    :rtype: dict[str, str]
    """
    destinations = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        found = _line.fullmatch(line)
        assert found, line
        path, quoted = found.groups()
        assert path not in destinations, "nginx refuses two of them"
        value = re.sub(r'\\(["\\])', r"\1", quoted)
        assert "$" not in value.replace(DOLLAR, ""), "it would be a variable"
        destinations[path] = value.replace(DOLLAR, "$")
    return destinations
