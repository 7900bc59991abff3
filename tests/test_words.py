"""No sentence that people read begins with a riddle: "Of …", "What …", "Nobody …"
used in place of a noun.
"""

import re

import pytest

from .helpers.odoo_server import ROOT
from .helpers.prose import read_sentences, split_sentences

RIDDLE = re.compile(
    r"(?:Nobody|Of|What|Whatever|Who|Whoever|Whose|That|Those|Where|Wherever)\b"
)
STAND_IN = re.compile(r"\b(?:whoever|nobody's|he or she|his or her)\b", re.IGNORECASE)
# a sentence that may stay as it is, and the reason
ALLOWED = {}
FOLDERS = ("pipeline_tracking", "tests", "benchmarks", "dev", ".ci")
SUFFIXES = {
    *("", ".cjs", ".html", ".in", ".ini", ".js", ".lua", ".md", ".pot", ".py", ".scss"),
    *(".sql", ".toml", ".txt", ".xml", ".yaml"),
}
# files of other authors, and generated files
FOREIGN = {"LICENSE", ROOT / "dev" / "setup" / "requirements.txt"}


def list_files():
    """List the files that contain words of this project.

    :rtype: list[Path]
    """
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*")]
    return [
        file
        for file in [*ROOT.iterdir(), *files]
        if file.suffix in SUFFIXES
        and file.is_file()
        and not FOREIGN & {file, file.name}
        and "__pycache__" not in file.parts
    ]


def find_riddles(sentences):
    """Return the sentences that begin with a riddle or contain a stand-in.

    A question may begin with any word.

    :param list[str] sentences:
    :rtype: list[str]
    """
    return [
        text
        for text in sentences
        if text not in ALLOWED
        and ((RIDDLE.match(text) and not text.endswith("?")) or STAND_IN.search(text))
    ]


def test_no_sentence_begins_with_a_riddle():
    riddles = {
        str(file.relative_to(ROOT)): find_riddles(
            [sentence.text for sentence in read_sentences(file)]
        )
        for file in list_files()
    }
    assert len(riddles) > 300
    assert {name: texts for name, texts in riddles.items() if texts} == {}


def test_allowed_sentences_are_still_there():
    texts = {
        sentence.text
        for name in list_files()
        for sentence in read_sentences(ROOT / name)
    }
    assert ALLOWED.keys() <= texts


@pytest.mark.parametrize(
    "text",
    [
        "Of hits: the values to store.",
        "Nobody has opened the email.",
        "Store it. What is older is deleted.",
        "- Whoever clicks never waits.",
        "| Setting | What it does |",
        "Text\n\nThose who object are not tracked.",
        "**Where** no address is known.",
        "The user sees their emails, whoever sent them.",
    ],
)
def test_riddles_are_found(text):
    assert find_riddles(split_sentences(text))


@pytest.mark.parametrize(
    "text",
    [
        "Store the values of hits.",
        "What does an open mean?",
        "Whose name it has? The log shows it.",
        "The link that was clicked. Offices whose networks are known.",
        "Offer the file. Whole files are sent at once.",
        "See e.g. What's New",
    ],
)
def test_plain_sentences_pass(text):
    assert find_riddles(split_sentences(text)) == []


def test_sentences_are_read_from_each_kind_of_file(tmp_path):
    for name, text, sentences in (
        (
            "a.py",
            '"""First. Second."""\nx = "# no"  # third\n# Fourth\n# goes on.\n',
            ["First.", "Second.", "third", "Fourth goes on."],
        ),
        (
            "a.js",
            'const url = "https://x.com"; // First\n/**\n * Second\n * goes on.\n */\n',
            ["First", "Second goes on."],
        ),
        ("a.xml", "<a><!-- First.\n Second. --></a>", ["First.", "Second."]),
        (
            "a.md",
            "# First\n\n- Second\n  goes on\n\n```sh\nno\n```\n\n| Third | Fourth |\n",
            ["First", "Second goes on", "Third", "Fourth"],
        ),
        ("a.pot", 'msgid "First. Second."\nmsgstr ""\n', ["First.", "Second."]),
        ("Makefile", "# First\n# goes on\n\nall:\n", ["First goes on"]),
    ):
        file = tmp_path / name
        file.write_text(text)
        assert [sentence.text for sentence in read_sentences(file)] == sentences
