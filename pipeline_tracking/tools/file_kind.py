"""Describe the type and size of a file for its link in an email."""

import mimetypes
from collections import namedtuple
from pathlib import PurePosixPath

from babel.units import format_unit

# `text`: a few letters; `color`: the background, dark enough for white letters.
Badge = namedtuple("Badge", "text color")

_GRAY = "#5f6368"
_COLORS = {
    "#b3261e": "pdf",
    "#1a56b0": "doc docx odt rtf txt md",
    "#1b7a3d": "xls xlsx ods csv",
    "#b8500b": "ppt pptx odp key",
    "#7b3fa0": "jpg jpeg png gif webp svg bmp tif tiff heic",
    "#8a6100": "zip rar 7z gz tgz tar",
    "#a0306e": "mp3 m4a wav ogg flac mp4 mov avi mkv webm",
}
_COLOR_BY_EXTENSION = {
    extension: color
    for color, extensions in _COLORS.items()
    for extension in extensions.split()
}
_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte")


def badge(name, mimetype):
    """Return the letters and color of the badge that shows a file's type.

    :param str name: name of the file
    :param str mimetype: MIME type of the file, or ""
    :rtype: Badge
    """
    extension = PurePosixPath(name).suffix
    if not 2 <= len(extension) <= 5 or not extension[1:].isalnum():
        extension = mimetypes.guess_extension(mimetype or "") or ""
    extension = extension[1:].lower()
    if extension in ("", "bin"):  # the type is unknown
        return Badge("FILE", _GRAY)
    return Badge(extension.upper(), _COLOR_BY_EXTENSION.get(extension, _GRAY))


def human_size(size, locale):
    """Format the size of a file for people, in units of 1024 bytes.

    :param int size: number of bytes
    :param babel.Locale | str locale:
    :rtype: str
    """
    unit = 0
    while round(size) >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    digits = 1 if unit and size < 10 else 0
    # The short form of bytes has no plural: "400 byte".
    length = "short" if unit else "long"
    return format_unit(
        round(size, digits), f"digital-{_UNITS[unit]}", length=length, locale=locale
    )


def is_invitation(name, mimetype):
    """Return whether a file is a calendar invitation. Email clients process attached
    invitations (RFC 6047, section 2), so they must not become links.

    :param str name: name of the file
    :param str mimetype: MIME type of the file, or ""
    :rtype: bool
    """
    kind = (mimetype or "").partition(";")[0].strip().lower()
    return kind in (
        "text/calendar",
        "text/x-vcalendar",
        "application/ics",
    ) or name.lower().endswith((".ics", ".ifb", ".vcs"))
