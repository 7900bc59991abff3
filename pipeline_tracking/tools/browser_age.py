"""Tell whether a browser on a desktop computer is several years old.

Scanners often run such browsers (docs/field.md#old-browsers).
"""

import re
from datetime import date, timedelta

OLD_YEARS = 5
# Systems of desktop computers, as `device.read` names them. Televisions, consoles and
# phones keep old browsers for years.
_DESKTOPS = frozenset(("windows", "macos", "linux"))
_NO_DESKTOP = re.compile(
    r"\bTV\b|SmartTV|SMART-TV|HbbTV|Tizen|Web0S|NetCast|Xbox|PLAYSTATION|PlayStation"
    r"|Nintendo|ms-office|MSOffice|Outlook"
)
# Chrome and Firefox have a new version every four weeks since their version 100:
# https://chromiumdash.appspot.com/schedule, https://whattrainisitnow.com/calendar/
_RELEASE = timedelta(weeks=4)
_VERSION_100 = {"Chrome": date(2022, 3, 29), "Firefox": date(2022, 5, 3)}
# Programs with a browser inside add their own name: their browser can be old.
_version = re.compile(r"\b(Chrome|Firefox)/(\d{1,4})\.[\d.]+(?: Safari/[\d.]+)?$")
# Internet Explorer 11 (2013) is the last version.
_old_explorer = re.compile(r"\bMSIE (?:[2-9]|10)\.")


def is_old(user_agent, platform, today):
    """Return whether a browser on a desktop computer is older than `OLD_YEARS`.

    :param str user_agent: the header, or ""
    :param str platform: from `device.read`
    :param date today: the day of the request
    :rtype: bool
    """
    if platform not in _DESKTOPS or _NO_DESKTOP.search(user_agent):
        return False
    version = _version.search(user_agent)
    if not version:
        return bool(_old_explorer.search(user_agent))
    released = _VERSION_100[version[1]] + (int(version[2]) - 100) * _RELEASE
    return today - released > timedelta(days=365 * OLD_YEARS)
