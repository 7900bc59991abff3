"""Classify a request to a tracked URL: find its actor, and the reason.

A rule is a row: actor, reason, kinds of action, condition and source. The first
matching rule decides; if no rule matches, the actor is the recipient. The rules for
images and links differ: an image proxy forwards a person's open, while a scanner
follows links.

`bursts` detects scanners that only several requests together reveal.
"""

import re
from collections import namedtuple
from dataclasses import dataclass

from . import crawlers, device, mail_clients, networks
from .bursts import is_image_near_burst, is_link_in_burst
from .networks import GOOGLE_SPECIAL_CRAWLERS

# Actors
RECIPIENT = "recipient"
UNKNOWN = "unknown"
MACHINE = "machine"
INTERNAL = "internal"

# Kinds
OPEN = "open"
CLICK = "click"
DOWNLOAD = "download"

# Reasons that code compares
DIRECT = "direct"  # no sign of a machine
PREFETCH = "prefetch"
BURST = "burst"  # `find_bursts`
INFERRED = "inferred"  # `infer_open`

# Reasons of requests that come from a proxy or a relay, and so not from the recipient's
# location.
PROXIED = frozenset(
    ("apple-mpp", "gmail-prefetch", "gmail-proxy", "image-proxy", "yahoo-proxy")
)

_OPENS = (OPEN,)
_LINKS = (CLICK, DOWNLOAD)
_ANY = (*_OPENS, *_LINKS)

Classification = namedtuple("Classification", "actor reason")


@dataclass(frozen=True)
class Facts:
    """The known facts of a request.

    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :param str method: the HTTP method
    :param str user_agent: the header, or ""
    :param str purpose: the values of Sec-Purpose, Purpose, X-Purpose and X-Moz
    :param str ip: the client's address, or "" if it is not known
    :param bool has_session: whether the request has a live session of an internal user
    :param bool is_known_device: whether an internal user works from this address, with
        this browser and platform
    :param tuple own_networks: the company's networks, from `networks.parse`
    :param float | None seconds_since_sent: time since Odoo sent the email; None if it
        is not known
    :param float early_seconds: a request within this time after sending has a sign of
        a machine
    :param bool is_incomplete: whether details of the request were deleted
    """

    kind: str
    method: str = "GET"
    user_agent: str = ""
    purpose: str = ""
    ip: str = ""
    has_session: bool = False
    is_known_device: bool = False
    own_networks: tuple = ()
    seconds_since_sent: float | None = None
    early_seconds: float = 0
    is_incomplete: bool = False


_Rule = namedtuple("_Rule", "actor reason kinds fits source")


def _user_agent_is(text):
    """Build a condition: the user agent is exactly this text."""
    return lambda facts: facts.user_agent == text


def _user_agent_matches(pattern):
    """Build a condition: the user agent matches this regular expression."""
    search = re.compile(pattern).search
    return lambda facts: bool(search(facts.user_agent))


def _is_prefetch(facts):
    purpose = facts.purpose.lower()
    return any(word in purpose for word in ("prefetch", "preview", "prerender"))


# Signs of a machine: one sign is not enough, two signs are.
_Sign = namedtuple("_Sign", "fits source")
_EARLY = _Sign(
    lambda facts: (
        facts.seconds_since_sent is not None
        and facts.seconds_since_sent < facts.early_seconds
    ),
    "docs/field.md#too-soon",
)
_OTHER_SIGNS = (
    _Sign(
        lambda facts: not device.read(facts.user_agent).platform,
        "MDN, User-Agent header: browsers name the system they run on",
    ),
)

_RULES = (
    # Colleagues come first: the origin of a request is stronger evidence than headers.
    _Rule(
        INTERNAL,
        "session",
        _ANY,
        lambda facts: facts.has_session,
        "docs/field.md#internal-activity: Odoo's own cookie, on Odoo's own host",
    ),
    _Rule(
        INTERNAL,
        "own-network",
        _ANY,
        lambda facts: networks.contain(facts.own_networks, facts.ip),
        "docs/field.md#internal-activity: the company's setting",
    ),
    _Rule(
        INTERNAL,
        "known-device",
        _ANY,
        lambda facts: facts.is_known_device,
        "docs/field.md#internal-activity: Odoo's log of devices",
    ),
    # A HEAD request shows nothing to a person. The rule comes before "expired", because
    # the method is never deleted.
    _Rule(
        MACHINE,
        "head",
        _ANY,
        lambda facts: facts.method == "HEAD",
        "RFC 9110 section 9.3.2: HEAD requests headers without the content",
    ),
    # The deleted details might have revealed a colleague or a machine.
    _Rule(
        UNKNOWN,
        "expired",
        _ANY,
        lambda facts: facts.is_incomplete,
        "details of set-aside requests are deleted after some days",
    ),
    # Headers of automatic requests.
    _Rule(
        MACHINE,
        "no-user-agent",
        _OPENS,
        lambda facts: not facts.user_agent,
        "docs/field.md#opens: every mail client, proxy and browser names itself",
    ),
    _Rule(
        MACHINE,
        PREFETCH,
        _ANY,
        _is_prefetch,
        "docs/field.md#opens: MDN, Sec-Purpose header",
    ),
    # Image proxies and relays.
    _Rule(
        MACHINE,
        "gmail-prefetch",
        _OPENS,
        _user_agent_is(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
            " (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36"
            " Edge/12.246 Mozilla/5.0"
        ),
        "docs/field.md#opens: bird.com, Gmail prefetching images",
    ),
    _Rule(
        UNKNOWN,
        "apple-mpp",
        _OPENS,
        _user_agent_is("Mozilla/5.0"),
        "docs/field.md#opens: Apple loads every image, read or not",
    ),
    _Rule(
        RECIPIENT,
        "gmail-proxy",
        _OPENS,
        _user_agent_matches(r"\bGoogleImageProxy\b"),
        "docs/field.md#opens: fetches when a person opens the email; mautic#16069",
    ),
    _Rule(
        RECIPIENT,
        "yahoo-proxy",
        _OPENS,
        _user_agent_matches(r"^YahooMailProxy\b"),
        "docs/field.md#opens: fetches when a person opens the email",
    ),
    _Rule(
        RECIPIENT,
        "image-proxy",
        _OPENS,
        _user_agent_matches(
            r"\bSeznamEmailProxy/|^RamblerMail/|^hey\.com/imageproxy\b|^FastmailUA/"
        ),
        "matomo device-detector, bots.yml: Seznam, Rambler; warmbly: HEY, Fastmail",
    ),
    # Link scanners that name themselves.
    _Rule(
        MACHINE,
        "bing-preview",
        _LINKS,
        _user_agent_matches(r"\bBingPreview/"),
        "docs/field.md#clicks: visits links of Outlook.com; phplist3#415",
    ),
    _Rule(
        MACHINE,
        "barracuda",
        _LINKS,
        _user_agent_matches(r"\bBarracuda Sentinel\b"),
        "docs/field.md#clicks: matomo device-detector, bots.yml",
    ),
    _Rule(
        MACHINE,
        "google-crawler",
        _ANY,
        lambda facts: networks.contain(GOOGLE_SPECIAL_CRAWLERS, facts.ip),
        "docs/field.md#clicks: emailengine#349; Google's list of special crawlers",
    ),
    # Mail clients come before crawlers: the list of crawlers is made for websites, and
    # contains some mail clients.
    _Rule(
        RECIPIENT,
        "mail-client",
        _ANY,
        lambda facts: bool(mail_clients.find(facts.user_agent)),
        "see mail_clients",
    ),
    _Rule(
        MACHINE,
        "crawler",
        _ANY,
        lambda facts: crawlers.is_crawler(facts.user_agent),
        "the package crawlerdetect",
    ),
    _Rule(
        MACHINE,
        "too-soon",
        _LINKS,
        lambda facts: (
            _EARLY.fits(facts) and any(sign.fits(facts) for sign in _OTHER_SIGNS)
        ),
        "docs/field.md#too-soon: an early click is one sign, and needs another sign",
    ),
)

# All reasons that a classification can have.
REASONS = (DIRECT, *(rule.reason for rule in _RULES), BURST, INFERRED)


def classify(kind, **facts):
    """Decide who made a request.

    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :param facts: the other fields of `Facts`
    :return: the actor and the reason code
    :rtype: Classification
    """
    facts["user_agent"] = facts.get("user_agent", "").strip()
    request_facts = Facts(kind, **facts)
    for rule in _RULES:
        if kind in rule.kinds and rule.fits(request_facts):
            return Classification(rule.actor, rule.reason)
    return Classification(RECIPIENT, DIRECT)


def can_belong_to_burst(classification):
    """Return whether a link request can belong to a burst. Requests by colleagues and
    by browsers that prefetch links cannot.

    :param classification: the request's classification or action, with `actor` and
        `reason`
    :rtype: bool
    """
    return classification.actor != INTERNAL and classification.reason != PREFETCH


def reclassify(classification, kind, occurred_at, bursts):
    """Classify a request again when bursts on the same trackable email are known.

    Requests for links in a burst are by a machine, whatever their user agent. A request
    for the image near a burst is also by a machine, unless a mail client or a proxy
    made the request. Only requests by the recipient change.

    :param Classification classification: from `classify`
    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :param datetime occurred_at: naive UTC
    :param list[Burst] bursts: bursts on the same trackable email
    :rtype: Classification
    """
    if not bursts or classification.actor != RECIPIENT:
        return classification
    if kind == OPEN:
        is_in_burst = classification.reason == DIRECT and is_image_near_burst(
            bursts, occurred_at
        )
    else:
        is_in_burst = is_link_in_burst(bursts, occurred_at)
    return Classification(MACHINE, BURST) if is_in_burst else classification
