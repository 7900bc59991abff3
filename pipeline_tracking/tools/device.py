"""What a request was made with, as far as it says."""

from collections import namedtuple
from functools import lru_cache

from odoo.tools._vendor.useragents import UserAgent

# As `res.device.log` keeps them: "chrome", "windows"; "" where they are not told.
Device = namedtuple("Device", "browser platform")


@lru_cache(maxsize=1024)
def read(user_agent):
    """Browser and platform, as Odoo's own parser reads them.

    :param str user_agent: the header, or ""
    :rtype: Device
    """
    parsed = UserAgent(user_agent)
    return Device(parsed.browser or "", parsed.platform or "")
