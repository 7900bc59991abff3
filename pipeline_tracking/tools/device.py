"""Read the browser, mail client and platform from a user agent."""

from collections import namedtuple
from functools import lru_cache

from odoo.tools._vendor.useragents import UserAgent

from . import mail_clients

# `browser`: "chrome", or a mail client's name; `platform`: "windows". "" if the user
# agent does not say.
Device = namedtuple("Device", "browser platform")

# Characters of a user agent that are read. A longer user agent names further programs
# after browser and system.
MAX_LENGTH = 256

# Names as people write them, unless a capital letter is the only difference.
NAMES = {
    "chromeos": "ChromeOS",
    "ipad": "iPad",
    "iphone": "iPhone",
    "macos": "macOS",
    "msie": "Internet Explorer",
    "webkit": "WebKit",
}


@lru_cache(maxsize=1024)
def read(user_agent):
    """Read browser and platform as Odoo's own parser does, whose names its log of
    devices has.

    :param str user_agent: the header, or ""
    :rtype: Device
    """
    # The parser's time grows with the square of the length of a run of white space, and
    # it searches the text about 60 times.
    parsed = UserAgent(" ".join(user_agent.split())[:MAX_LENGTH])
    return Device(parsed.browser or "", parsed.platform or "")


@lru_cache(maxsize=1024)
def describe(user_agent):
    """Read browser and platform to show them to users, with the names of mail clients.

    :param str user_agent: the header, or ""
    :rtype: Device
    """
    # Odoo's parser takes the "cros" in "Microsoft" for Chrome OS.
    device = read(user_agent.replace("Microsoft", ""))
    mail_client = mail_clients.find(user_agent)
    if "CFNetwork/" in user_agent and mail_client not in ("Apple Mail", "Outlook"):
        device = device._replace(platform="")  # a Mac, or as likely an iPhone
    return device._replace(browser=mail_client or device.browser)
