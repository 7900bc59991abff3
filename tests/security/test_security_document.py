"""docs/security.md: each threat names a test that exists and is not skipped."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "pipeline_tracking" / "docs" / "security.md"
HEADER = ["attacker", "attack", "defence", "test"]
TEST = re.compile(r"`((?:\w+/)?test_\w+\.py)::(test_\w+|\*)`")
SKIPS = {"skip", "skipif", "skipIf", "skipUnless", "skipTest", "xfail", "importorskip"}


def read_threats():
    """Return the rows of the tables of threats: the attack, and the cell with its
    tests.

    :rtype: list[tuple[str, str]]
    """
    threats, is_threat_table = [], False
    for line in PAGE.read_text().splitlines():
        if not line.startswith("|"):
            is_threat_table = False
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells == HEADER:
            is_threat_table = True
        elif is_threat_table and not set(line) <= set("|- "):
            assert len(cells) == len(HEADER), line
            threats.append((cells[1], cells[-1]))
    return threats


def read_named_tests():
    """Return the tests that the page names: file and function, or ``*`` for all.

    :rtype: list[tuple[str, str]]
    """
    return [test for _attack, cell in read_threats() for test in TEST.findall(cell)]


def parse(file):
    """Return the syntax tree of a test file.

    :param str file: in `tests/`
    """
    return ast.parse((ROOT / "tests" / file).read_text())


def find_test_functions(file):
    """Return the names of the tests in a file.

    :rtype: set[str]
    """
    return {
        node.name
        for node in ast.walk(parse(file))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def find_names(tree):
    """Return all names and attributes in a syntax tree.

    :rtype: set[str]
    """
    return {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
    }


def test_each_threat_names_tests():
    threats = read_threats()
    assert len(threats) > 40
    assert not [attack for attack, cell in threats if not TEST.search(cell)]
    for _attack, cell in threats:
        assert not TEST.sub("", cell).strip(", "), "only tests are in the last column"


def test_named_tests_exist():
    missing = []
    for file, name in read_named_tests():
        functions = find_test_functions(file)
        if name not in functions and not (name == "*" and functions):
            missing.append(f"{file}::{name}")
    assert not missing


def test_named_tests_are_not_skipped():
    files = {file for file, _name in read_named_tests()}
    assert not {file for file in files if find_names(parse(file)) & SKIPS}


def test_each_security_test_file_is_named():
    folder = Path(__file__).resolve().parent
    security_files = {f"{folder.name}/{path.name}" for path in folder.glob("test_*.py")}
    this_file = f"{folder.name}/{Path(__file__).name}"
    named_files = {file for file, _name in read_named_tests()}
    assert security_files - {this_file} <= named_files
