"""Recognize mail clients by the user agent of their requests.

Lists of crawlers are made for websites, and contain several mail clients. The first
matching row gives the name. `tests/tools/test_mail_clients.py` has the user agents.

RE2 searches the patterns in linear time, because clients choose the text.
"""

from collections import namedtuple
from functools import lru_cache

import re2

_Row = namedtuple("_Row", "name pattern source")

_DETECTOR = "matomo device-detector: its tests of mail clients"

_ROWS = (
    _Row("Outlook", r"\bMicrosoft Outlook\b", "docs/field.md#mail-clients"),
    _Row("Outlook", r"\bOneOutlook/", "user agent of the new Outlook for Windows"),
    _Row("Outlook", r"^MacOutlook/|^Outlook/[\d.]+ CFNetwork/", _DETECTOR),
    _Row("Outlook", r"\bOutlook-iOS/", "3rd-Eden/useragent#146"),
    _Row("Outlook", r"\bOutlook-iOS-Android/", "uap-core, regexes.yaml"),
    _Row("Outlook", r"^Microsoft Office Outlook\b", "uap-core#32"),
    _Row("Windows Mail", r"^Outlook-Express/|^WindowsMail/", _DETECTOR),
    # Includes the newer, shorter user agent of Outlook: device-detector#7275.
    _Row(
        "Microsoft Office", r"\bms-office\b|\bMSOffice \d", "docs/field.md#mail-clients"
    ),
    _Row("Microsoft Office", r"^Microsoft Office\b", "uap-core#32"),
    _Row("Microsoft Office", r"\(Macintosh;[^)]*\) Word/", "fnando/browser#112"),
    _Row("Apple Mail", r"^Mail/[\d.]+ CFNetwork/", "docs/field.md#mail-clients"),
    _Row("Thunderbird", r"\bThunderbird/", _DETECTOR),
    _Row("Postbox", r"\bPostbox[/ ]", _DETECTOR),
    _Row("The Bat!", r"^The Bat! ", _DETECTOR),
    _Row("HCL Notes", r"\bLotus-Notes/", _DETECTOR),
    _Row("Airmail", r"^Airmail ", _DETECTOR),
    _Row("eM Client", r"\beM ?Client/", _DETECTOR),
    _Row("Mailspring", r"\bMailspring/", _DETECTOR),
    _Row("Mailbird", r"\bMailbird/", _DETECTOR),
    _Row("BlueMail", r"\bBlueMail/", _DETECTOR),
    _Row("Foxmail", r"\bFoxmail/", _DETECTOR),
    _Row("Yahoo Mail", r"^Yahoo%20Mail/", _DETECTOR),
    _Row("Gmail", r"^com\.google\.Gmail[/.]", "the Gmail app of iPhones"),
    _Row("Canary Mail", r"^Canary%20Mail/", "tests of crawlerdetect"),
    _Row("Polymail", r"^Polymail\b", "tests of crawlerdetect"),
    # Android downloads a file with this program when a person taps a link.
    _Row("Android", r"^AndroidDownloadManager/", "tests of crawlerdetect"),
)
_patterns = [(row.name, re2.compile(row.pattern)) for row in _ROWS]
# Most user agents match no row: one search finds that out.
_any_pattern = re2.compile("|".join(row.pattern for row in _ROWS))


@lru_cache(maxsize=1024)
def find(user_agent):
    """Return the name of the mail client that made a request.

    :param str user_agent: the header, or ""
    :return: the name, or "" if the user agent is not a known mail client
    :rtype: str
    """
    if not _any_pattern.search(user_agent):
        return ""
    return next(name for name, pattern in _patterns if pattern.search(user_agent))
