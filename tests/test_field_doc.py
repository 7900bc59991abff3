"""docs/field.md: each citation names a section of the page."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOC = ROOT / "pipeline_tracking" / "docs" / "field.md"
FOLDERS = ("pipeline_tracking", "tests", "benchmarks", "dev")
SUFFIXES = {".py", ".js", ".xml", ".scss", ".md"}
CITATION = re.compile(r"\bfield\.md(?:#([a-z0-9-]+))?")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(text):
    """Return the anchors that GitHub gives to the headings of a page.

    :param str text: Markdown
    :rtype: set[str]
    """
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in HEADING.findall(text)
    }


def citations():
    """Return each file that cites the page, with the section it cites.

    :rtype: list[tuple[str, str]]
    """
    files = [
        file
        for folder in FOLDERS
        for file in (ROOT / folder).rglob("*")
        if file.suffix in SUFFIXES
        and "node_modules" not in file.parts
        and file not in (DOC, Path(__file__).resolve())
    ]
    return [
        (str(file.relative_to(ROOT)), section)
        for file in sorted(files)
        for section in CITATION.findall(file.read_text())
    ]


def test_the_code_cites_the_page():
    files = {file for file, _section in citations()}
    assert len(files) > 5
    assert any(file.endswith("classify.py") for file in files)


@pytest.mark.parametrize("file, section", sorted(set(citations())))
def test_a_citation_names_a_section(file, section):
    if file.endswith(".md") and not section:
        return  # a link to the whole page
    assert section in anchors(DOC.read_text())


def test_links_within_the_page_lead_to_a_section():
    text = DOC.read_text()
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors(text)


def test_no_other_name_of_the_page_is_left():
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*.py"):
            if file != Path(__file__).resolve():
                assert not re.search(r"\bFIELD(?:\.md|[;:,] )", file.read_text()), file
