"""Check the page in Apps, the README, the changelog and the documentation."""

import ast
import re
from urllib.parse import urlsplit

import pytest
from lxml import etree
from PIL import Image

from .helpers.odoo_server import ROOT
from .helpers.prose import read_sentences

ADDON = ROOT / "pipeline_tracking"
DESCRIPTION = ADDON / "static" / "description"
PAGE = (DESCRIPTION / "index.html").read_text()
MANIFEST = ast.literal_eval((ADDON / "__manifest__.py").read_text())
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *ADDON.glob("docs/*.md")]
MIN_WORDS = 5  # shorter sentences are labels
MAX_BYTES = 120_000  # of a picture: the page is to show at once
MARKDOWN_LINK = re.compile(r"\]\(([^)\s]+)\)")


def parse_page():
    """Parse the page strictly: an unclosed element is an error."""
    return etree.fromstring(f"<html>{PAGE}</html>")


def test_the_page_loads_nothing_from_elsewhere():
    names = {element.tag for element in parse_page().iter()}
    assert not names & {"script", "link", "style", "iframe", "object", "form"}
    for element in parse_page().iter():
        for name in ("src", "href", "srcset", "background"):
            url = urlsplit(element.get(name, ""))
            assert not (url.scheme or url.netloc), element.get(name)
        assert "url(" not in element.get("style", "")
        assert not [name for name in element.attrib if name.startswith("on")]


def test_the_pictures_of_the_page_are_there():
    images = list(parse_page().iter("img"))
    assert images
    for image in images:
        file = DESCRIPTION / image.get("src")
        assert file.is_file(), file
        assert image.get("alt")
        assert "max-width: 100%" in image.get("style"), "it fits a phone"
    for name in MANIFEST["images"]:
        assert (ADDON / name).is_file()


@pytest.mark.parametrize(
    "file", sorted(DESCRIPTION.glob("*.png")), ids=lambda file: file.name
)
def test_pictures_are_small_and_used(file):
    assert file.stat().st_size < MAX_BYTES
    with Image.open(file) as image:
        image.verify()
        assert image.format == "PNG"
    texts = [document.read_text() for document in DOCUMENTS]
    assert file.name == "icon.png" or any(file.name in text for text in [PAGE, *texts])


def test_there_is_one_copy_of_each_picture():
    pictures = list(ADDON.rglob("*.png"))
    contents = [file.read_bytes() for file in pictures]
    assert len(contents) == len(set(contents))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_between_documents_lead_somewhere(document):
    for link in MARKDOWN_LINK.findall(document.read_text()):
        url = urlsplit(link)
        if not url.scheme and url.path:
            assert (document.parent / url.path).exists(), link


def test_no_sentence_is_in_the_readme_and_in_the_documentation():
    readme, *pages = (
        {
            sentence.text
            for sentence in read_sentences(document)
            if len(sentence.text.split()) >= MIN_WORDS
        }
        for document in (ROOT / "README.md", *ADDON.glob("docs/*.md"))
    )
    assert len(readme) > 20
    assert readme & set().union(*pages) == set()


def test_every_version_is_in_the_changelog():
    """Versions with a migration and the current version are listed, newest first."""
    text = (ROOT / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## (\S+)", text, re.MULTILINE)
    migrations = {folder.name for folder in (ADDON / "migrations").iterdir()}
    assert {MANIFEST["version"], "19.0.1.0.0", *migrations} <= set(versions)
    numbers = [[int(part) for part in version.split(".")] for version in versions]
    assert numbers == sorted(numbers, reverse=True)
