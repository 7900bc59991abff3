"""tools/file_kind: badge and size of a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import file_kind


@pytest.mark.parametrize(
    "name, mimetype, text",
    [
        ("Offer.pdf", "application/pdf", "PDF"),
        ("Offer.PDF", "", "PDF"),
        ("a.b.docx", "", "DOCX"),
        ("archive.tar.gz", "application/gzip", "GZ"),
        ("Offer", "application/pdf", "PDF"),
        ("Offer", "", "FILE"),
        ("Offer", None, "FILE"),
        ("Offer", "application/octet-stream", "FILE"),
        ("Dear Mr. Smith", "image/png", "PNG"),
        ("a.verylongextension", "application/zip", "ZIP"),
        ("", "", "FILE"),
    ],
)
def test_badge(name, mimetype, text):
    badge = file_kind.badge(name, mimetype)
    assert badge.text == text
    assert badge.color.startswith("#")


def test_kinds_have_different_colors():
    names = ["a.pdf", "a.docx", "a.xlsx", "a.pptx", "a.png", "a.zip", "a.mp4", "a.xyz"]
    assert len({file_kind.badge(name, "").color for name in names}) == len(names)


@given(st.text(), st.text())
def test_a_badge_is_short_and_plain(name, mimetype):
    text = file_kind.badge(name, mimetype).text
    assert 1 <= len(text) <= 16 and text.isalnum()


@pytest.mark.parametrize(
    "size, english, french",
    [
        (0, "0 bytes", "0 octet"),
        (1, "1 byte", "1 octet"),
        (1023, "1,023 bytes", "1 023 octets"),
        (1024, "1 kB", "1 ko"),
        (1536, "1.5 kB", "1,5 ko"),
        (20_480, "20 kB", "20 ko"),
        (1_048_300, "1 MB", "1 Mo"),
        (1_300_000, "1.2 MB", "1,2 Mo"),
        (3 * 2**30, "3 GB", "3 Go"),
        (5 * 2**40, "5,120 GB", "5 120 Go"),
    ],
)
def test_human_size(size, english, french):
    assert file_kind.human_size(size, "en_US") == english
    assert " ".join(file_kind.human_size(size, "fr_FR").split()) == french


@pytest.mark.parametrize(
    "name, mimetype, expected",
    [
        ("invite.ics", "text/calendar", True),
        ("invite", "text/calendar; method=REQUEST", True),
        ("invite", "application/ics", True),
        ("Invite.ICS", "application/octet-stream", True),
        ("ics.pdf", "application/pdf", False),
        ("pics", "text/plain", False),
        ("a", None, False),
    ],
)
def test_is_invitation(name, mimetype, expected):
    assert file_kind.is_invitation(name, mimetype) is expected
