"""Who made a request to a tracked URL: data in, an actor and a reason out.

A rule is a row: what it is for, what it looks at, and where that is known from.
The first row that fits decides; where none does, it was the recipient.
"""

import re
from collections import namedtuple

RECIPIENT = "recipient"
UNKNOWN = "unknown"
MACHINE = "machine"
INTERNAL = "internal"

OPEN = "open"
CLICK = "click"
DOWNLOAD = "download"

DIRECT = "direct"  # reason: nothing speaks against it

_Rule = namedtuple("_Rule", "kinds field pattern actor reason")

_ANY = (OPEN, CLICK, DOWNLOAD)
_RULES = (
    # RFC 9110 section 9.3.2: HEAD asks about a thing without fetching it; mail
    # clients and browsers show nothing by it.
    _Rule(_ANY, "method", r"HEAD", MACHINE, "head"),
    # Every mail client, image proxy and browser names itself.
    _Rule((OPEN,), "user_agent", r"", MACHINE, "no-user-agent"),
    # W3C "Prefetch" and browsers' documentation of Sec-Purpose, Purpose,
    # X-Purpose and X-Moz.
    _Rule(
        (OPEN,),
        "purpose",
        r"(?is).*(prefetch|preview|prerender).*",
        MACHINE,
        "prefetch",
    ),
    # Gmail fetching ahead of the person: bird.com, "Gmail prefetching images".
    _Rule(
        (OPEN,),
        "user_agent",
        re.escape(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
            " (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36"
            " Edge/12.246 Mozilla/5.0"
        ),
        MACHINE,
        "gmail-prefetch",
    ),
    # Apple Mail Privacy Protection loads every image, read or not.
    _Rule((OPEN,), "user_agent", r"Mozilla/5\.0", UNKNOWN, "apple-mpp"),
    # Image proxies that fetch when a person opens the mail.
    _Rule(
        (OPEN,), "user_agent", r"(?s).*\bGoogleImageProxy\b.*", RECIPIENT, "gmail-proxy"
    ),
    _Rule((OPEN,), "user_agent", r"(?s)YahooMailProxy\b.*", RECIPIENT, "yahoo-proxy"),
)
_RULES = tuple(rule._replace(pattern=re.compile(rule.pattern)) for rule in _RULES)


def classify(kind, *, method="GET", user_agent="", purpose=""):
    """Who made a request.

    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :param str method: of the HTTP request
    :param str user_agent: the header, or ""
    :param str purpose: the values of Sec-Purpose, Purpose, X-Purpose and X-Moz
    :return: actor and reason, a short code
    :rtype: tuple[str, str]
    """
    values = {"method": method, "user_agent": user_agent.strip(), "purpose": purpose}
    for rule in _RULES:
        if kind in rule.kinds and rule.pattern.fullmatch(values[rule.field]):
            return rule.actor, rule.reason
    return RECIPIENT, DIRECT
