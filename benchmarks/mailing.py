"""Measure the time and memory of a mailing to ten thousand, with and without the addon.

Each half of the mailing is sent in turns, because the machine's speed varies.
"""

import contextlib

from tests.helpers.odoo_server import ADDON, BASE, live_odoo

from . import say
from .sending import send_campaign

RECIPIENTS = 5_000  # in a turn
TURNS = ("odoo", "ours", "ours", "odoo")


def main(_folder):
    """Send the mailings.

    :return: the seconds per email, and the growth of the process in MiB
    :rtype: dict
    """
    with contextlib.ExitStack() as stack:
        sites = {
            "odoo": stack.enter_context(live_odoo(BASE)),
            "ours": stack.enter_context(live_odoo(ADDON)),
        }
        turns = {name: [] for name in sites}
        for name in TURNS:
            measured = send_campaign(sites[name], RECIPIENTS)
            turns[name].append(measured)
            say(
                f"  {name:<6}{measured['seconds'] * 1e3:>8.2f} ms an email"
                f"{measured['mebibytes']:>8.1f} MiB"
            )
    return {
        "mailing": {
            name: {
                "seconds": sum(run["seconds"] for run in measured) / len(measured),
                "mebibytes": max(run["mebibytes"] for run in measured),
            }
            for name, measured in turns.items()
        }
    }
