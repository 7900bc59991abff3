"""tools/device: the browser and platform of a user agent."""

import pytest

from odoo.addons.pipeline_tracking.tools import device

from ..helpers.time_limit import within
from ..helpers.user_agents import APPLE_MPP, BROWSERS, CHROME, FIREFOX, MAIL_CLIENTS


def test_read_gives_the_names_of_odoos_device_log():
    assert device.read(CHROME) == ("chrome", "windows")
    assert device.read(BROWSERS[4]) == ("safari", "iphone")
    assert device.read(APPLE_MPP) == ("mozilla", "")
    assert device.read("") == device.read("SomeMailer/1.0") == ("", "")


@pytest.mark.parametrize(
    "user_agent, described",
    [
        (FIREFOX, ("firefox", "windows")),
        *((agent, ("Outlook", "windows")) for agent in MAIL_CLIENTS["Outlook"][:2]),
        (MAIL_CLIENTS["Outlook"][3], ("Outlook", "macos")),
        (MAIL_CLIENTS["Outlook"][5], ("Outlook", "iphone")),
        (MAIL_CLIENTS["Apple Mail"][0], ("Apple Mail", "macos")),
        (MAIL_CLIENTS["Thunderbird"][0], ("Thunderbird", "linux")),
        ("The Bat! 4.0.0.22", ("The Bat!", "")),
        # a Mac or an iPhone
        (MAIL_CLIENTS["Yahoo Mail"][0], ("Yahoo Mail", "")),
        ("MobileMail/3731.600.7 CFNetwork/1408.0.4 Darwin/22.5.0", ("", "")),
        ("", ("", "")),
    ],
)
def test_describe_names_mail_clients(user_agent, described):
    assert device.describe(user_agent) == described


def test_white_space_is_read_quickly():
    """The time of Odoo's parser grows with the square of a run of white space."""
    with within(5):
        for number in range(1000):
            device.read(f"a{' ' * 500}{number}")
    assert device.read(CHROME.replace(" ", " \t  ")) == device.read(CHROME)
