"""What a request was made with, as far as it says."""

from collections import namedtuple
from functools import lru_cache

from odoo.tools._vendor.useragents import UserAgent

from . import mail_clients

# `browser`: "chrome", or a mail client's name; `platform`: "windows". "" where they are
# not told.
Device = namedtuple("Device", "browser platform")

# Characters of a user agent that are read. Longer ones name the programs inside which a
# browser runs, after browser and system.
MAX_LENGTH = 256

# As people write them, where a capital letter is not all.
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
    """Browser and platform, as Odoo's own parser reads them and its log of devices has
    them.

    :param str user_agent: the header, or ""
    :rtype: Device
    """
    # The parser's time grows with the square of the length of a run of white space, and
    # it searches the text about 60 times.
    parsed = UserAgent(" ".join(user_agent.split())[:MAX_LENGTH])
    return Device(parsed.browser or "", parsed.platform or "")


@lru_cache(maxsize=1024)
def describe(user_agent):
    """Browser and platform, as people are told: mail clients by their names.

    :param str user_agent: the header, or ""
    :rtype: Device
    """
    # That parser takes the "cros" in the middle of it for Chrome OS.
    device = read(user_agent.replace("Microsoft", ""))
    mail_client = mail_clients.find(user_agent)
    if "CFNetwork/" in user_agent and mail_client not in ("Apple Mail", "Outlook"):
        device = device._replace(platform="")  # a Mac, or as likely an iPhone
    return device._replace(browser=mail_client or device.browser)
