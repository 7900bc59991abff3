"""Read the list of links as nginx reads a map file."""

import re

DOLLAR = "${tracked_dollar}"
_line = re.compile(r'(/t/[A-Za-z0-9_-]+) "((?:[^"\\\n]|\\["\\])*)";')


def read(text):
    """Return the destinations of the tracked URLs, by path.

    :raise AssertionError: nginx would refuse a line
    :rtype: dict[str, str]
    """
    destinations = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = _line.fullmatch(line)
        assert match, line
        path, quoted = match.groups()
        assert path not in destinations, "nginx refuses duplicate paths"
        value = re.sub(r'\\(["\\])', r"\1", quoted)
        assert "$" not in value.replace(DOLLAR, ""), "nginx would read a variable"
        destinations[path] = value.replace(DOLLAR, "$")
    return destinations
