"""Read the browser, mail client and platform from a user agent."""

from collections import namedtuple
from functools import lru_cache

from odoo.tools._vendor.useragents import UserAgent

from . import mail_clients

# `browser`: for example "chrome", or a mail client's name. `platform`: for example
# "windows". Each is "" if it is not known.
Device = namedtuple("Device", "browser platform")

# Characters of a user agent that are read. Browser and system come first in a user
# agent; further programs follow.
MAX_LENGTH = 256

# Names for users. Names that only need a capital letter are not listed.
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
    """Read browser and platform with Odoo's parser, so that the names match Odoo's
    device log.

    :param str user_agent: the header, or ""
    :rtype: Device
    """
    # Limit the parser's time: it searches the text about 60 times, and its time grows
    # with the square of the length of a run of white space.
    parsed = UserAgent(" ".join(user_agent.split())[:MAX_LENGTH])
    return Device(parsed.browser or "", parsed.platform or "")


@lru_cache(maxsize=1024)
def describe(user_agent):
    """Read browser and platform for users, with the names of mail clients.

    :param str user_agent: the header, or ""
    :rtype: Device
    """
    # Odoo's parser reads the "cros" in "Microsoft" as Chrome OS.
    device = read(user_agent.replace("Microsoft", ""))
    mail_client = mail_clients.find(user_agent)
    if "CFNetwork/" in user_agent and mail_client not in ("Apple Mail", "Outlook"):
        device = device._replace(platform="")  # a Mac or an iPhone
    return device._replace(browser=mail_client or device.browser)
