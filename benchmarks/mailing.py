"""A mailing to ten thousand: what it costs to send, and the memory it takes.

By Odoo's own mass mailing, and by the same with this addon, a half at a time in turns:
the machine is not the same all along.
"""

import contextlib

from tests.helpers.odoo_server import ADDON, BASE, live_odoo

from . import say
from .sending import send_campaign

RECIPIENTS = 5_000  # in a turn
TURNS = ("odoo", "ours", "ours", "odoo")


def main(_folder):
    """
    :return: seconds an email, and how much the sending process grew, in MiB
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
