"""docs/security.md: each row names a test that exists and is not skipped."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOC = ROOT / "docs" / "security.md"
NAMED = re.compile(r"`((?:\w+/)?test_\w+\.py)::(test_\w+|\*)`")
SKIPS = {"skip", "skipif", "skipIf", "skipUnless", "skipTest", "xfail", "importorskip"}


def rows():
    """The lines of its tables of threats: what, and the last column.

    :rtype: list[tuple[str, str]]
    """
    threats, is_of_threats = [], False
    for line in DOC.read_text().splitlines():
        if not line.startswith("|"):
            is_of_threats = False
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells[0] == "threat":
            is_of_threats = True
        elif is_of_threats and not set(line) <= set("|- "):
            threats.append((cells[0], cells[-1]))
    return threats


def named_in(name):
    """The tests of a file: their nodes, by name.

    :rtype: dict[str, ast.FunctionDef]
    """
    tree = ast.parse((ROOT / "tests" / name).read_text())
    return {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def words_of(node):
    """All names in a piece of code."""
    return {
        part.attr if isinstance(part, ast.Attribute) else part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute | ast.Name)
    }


def test_every_line_has_a_test():
    threats = rows()
    assert len(threats) > 40
    assert not [threat for threat, cell in threats if not NAMED.search(cell)]
    for _threat, cell in threats:
        assert not NAMED.sub("", cell).strip(", "), "nothing else is there"


def test_every_test_is_there():
    missing = [
        f"{file}::{name}"
        for _threat, cell in rows()
        for file, name in NAMED.findall(cell)
        if not (name in named_in(file) or (name == "*" and named_in(file)))
    ]
    assert not missing


def test_none_is_skipped():
    skipped = set()
    for file in {file for _t, cell in rows() for file, _n in NAMED.findall(cell)}:
        tree = ast.parse((ROOT / "tests" / file).read_text())
        if words_of(tree) & SKIPS:
            skipped.add(file)
    assert not skipped


def test_each_file_of_ours_is_in_it():
    """Whoever writes a test of security says what for."""
    named = {file for _threat, cell in rows() for file, _name in NAMED.findall(cell)}
    folder = Path(__file__).resolve().parent
    ours = {f"{folder.name}/{file.name}" for file in folder.glob("test_*.py")}
    assert ours - {f"{folder.name}/{Path(__file__).name}"} <= named
