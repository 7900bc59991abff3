"""Measure the feed, the list of contacts and its filter in a large database."""

import json

from . import say

DAYS = 60  # the second page of the feed
CONTACTS = 80  # on a page of the list
RUNS = 5

# The cache is cleared before each run. The administrator sees all emails.
SCRIPT = f"""
import json, statistics, time
env = env(user=2)
seller = env["res.users"].search([("login", "=", "seller0")])
sellers_feed = env["trackable.feed"].with_user(seller)
field = "trackable_last_action_date"
contacts = env["res.partner"].search([("name", "=like", "Known %")], limit={CONTACTS})

def measure(run):
    seconds = []
    for _number in range({RUNS}):
        env.invalidate_all()
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)

print(json.dumps({{
    "emails": env["trackable.email"].search_count(
        [("last_action_date", ">=", "today -{DAYS}d")]
    ),
    "feed": measure(lambda: sellers_feed.get_feed(2)),
    "feed_of_all": measure(
        lambda: env["trackable.feed"].get_feed(2, everyone=True)
    ),
    "list": measure(lambda: contacts.web_read({{"name": {{}}, field: {{}}}})),
    "list_without": measure(lambda: contacts.web_read({{"name": {{}}}})),
    "filter": measure(
        lambda: env["res.partner"].search([(field, ">=", "today -{DAYS}d")], limit=80)
    ),
}}))
"""


def measure(live):
    """Measure what a salesperson's screens cost.

    :param LiveOdoo live: a database filled by `scale`
    :return: the seconds of a salesperson's feed (``feed_s``), of the feed of everyone
        (``feed_of_all_s``) and of the filter (``filter_s``), and the milliseconds that
        the field adds to a page of the list (``list_ms``)
    :rtype: dict
    """
    figures = json.loads(live.shell(SCRIPT, "--logfile=").splitlines()[-1])
    say(f"  {figures['emails']:,} emails were opened in the last {DAYS} days")
    for name in ("feed", "feed_of_all", "filter", "list", "list_without"):
        say(f"  {name:<14}{figures[name] * 1e3:>8.1f} ms")
    return {
        "feed_s": figures["feed"],
        "feed_of_all_s": figures["feed_of_all"],
        "filter_s": figures["filter"],
        "list_ms": (figures["list"] - figures["list_without"]) * 1e3,
    }
