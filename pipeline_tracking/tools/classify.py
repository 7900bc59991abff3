"""Classify a request to a tracked URL: find its actor, the reason, and signs.

A rule is a row: actor, reason, kinds of action, condition and source. The first
matching rule decides; if no rule matches, the actor is the recipient. The rules for
images and links differ: an image proxy forwards a person's open, while a scanner
follows links.

`joint_classification` detects what only several requests together reveal.
"""

from collections import namedtuple
from dataclasses import dataclass
from datetime import date

from . import browser_age, device, known_networks, networks, signs, user_agent_rules
from .actors import (
    ANY,
    CLICK,
    INTERNAL,
    LINKS,
    MACHINE,
    OPEN,
    RECIPIENT,
    UNKNOWN,
    Classification,
)

# Reasons of one request that code compares
DIRECT = "direct"  # no rule matches
PREFETCH = "prefetch"
DECOY = "decoy"  # also of several requests
HEAD = "head"
AT_DELIVERY = "at-delivery"
INFERRED = "inferred"  # `infer_open`
# Reasons of several requests: `joint_classification`
BURST = "burst"
SLOW_SCANNED = "slow-scan"
MANY_EMAILS = "many-emails"
CHECKED_FIRST = "checked-first"
DOUBLED = "doubled"
SIGNS = "signs"
JOINT_REASONS = (BURST, SLOW_SCANNED, MANY_EMAILS, CHECKED_FIRST, DOUBLED, SIGNS)
# Reasons of machines and colleagues that prove nothing: people can cause them, too.
KNOWN_DEVICE = "known-device"
NOT_PROVEN = frozenset(
    (SLOW_SCANNED, MANY_EMAILS, CHECKED_FIRST, DECOY, SIGNS, "too-soon", KNOWN_DEVICE)
)

# Reasons of requests that come from a proxy or a relay, and so not from the recipient's
# location.
PROXIED = frozenset(
    ("apple-mpp", "gmail-prefetch", "gmail-proxy", "image-proxy", "yahoo-proxy")
)
# Reasons of browsers and of programs that call themselves browsers, as scanners do.
BROWSERS = frozenset((DIRECT, "known-app"))
# Reasons of opens by an email client, or by a provider when a person opens the email.
EMAIL_CLIENTS = frozenset(("gmail-proxy", "image-proxy", "mail-client", "yahoo-proxy"))

# Reasons of opens by Gmail, and the vendor in `known_networks` that Gmail belongs to.
_GMAIL = frozenset(("gmail-prefetch", "gmail-proxy"))
_GMAIL_VENDOR = "Google special crawlers"
# Vendors in `known_networks` whose networks host programs of many companies.
_CLOUD_VENDORS = frozenset(("Google", "Microsoft"))

# docs/field.md#opens: within this time after sending, nobody can have opened the email.
AT_DELIVERY_SECONDS = 3


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
    :param tuple scanner_networks: networks of scanners that the company knows
    :param int | None system_number: the number of the autonomous system (RFC 1930) that
        the address belongs to, if known
    :param float | None seconds_since_sent: time since Odoo sent the email; None if it
        is not known
    :param float early_seconds: a request within this time after sending has a sign of
        a machine
    :param date | None day: of the request
    :param bool is_incomplete: whether details of the request were deleted
    :param bool is_decoy: whether the request is for the decoy link of a mailing
    """

    kind: str
    method: str = "GET"
    user_agent: str = ""
    purpose: str = ""
    ip: str = ""
    has_session: bool = False
    is_known_device: bool = False
    own_networks: tuple = ()
    scanner_networks: tuple = ()
    system_number: int | None = None
    seconds_since_sent: float | None = None
    early_seconds: float = 0
    day: date | None = None
    is_incomplete: bool = False
    is_decoy: bool = False


_Rule = namedtuple("_Rule", "actor reason kinds fits source")


def _is_prefetch(facts):
    purpose = facts.purpose.lower()
    return any(word in purpose for word in ("prefetch", "preview", "prerender"))


def _is_in_scanner_network(facts):
    if networks.contain(facts.scanner_networks, facts.ip):
        return True
    network = known_networks.find(facts.ip, facts.kind)
    if network is None or network.certainty != known_networks.PROOF:
        return False
    if network.vendor != _GMAIL_VENDOR:
        return True
    # Gmail's image proxy can have any address of Google.
    rule = user_agent_rules.find(facts.kind, facts.user_agent)
    return rule is None or rule.reason not in _GMAIL


def _is_too_soon(facts):
    return (
        facts.seconds_since_sent is not None
        and facts.seconds_since_sent < facts.early_seconds
        and not device.read(facts.user_agent).platform
    )


# Rules that look at more than the user agent come first: the origin and the method of a
# request are stronger evidence.
_RULES = (
    # Colleagues come first: the origin of a request is stronger evidence than headers.
    _Rule(
        INTERNAL,
        "session",
        ANY,
        lambda facts: facts.has_session,
        "docs/field.md#internal-activity: Odoo's own cookie, on Odoo's own host",
    ),
    _Rule(
        INTERNAL,
        "own-network",
        ANY,
        lambda facts: networks.contain(facts.own_networks, facts.ip),
        "docs/field.md#internal-activity: the company's setting",
    ),
    _Rule(
        INTERNAL,
        KNOWN_DEVICE,
        ANY,
        lambda facts: facts.is_known_device,
        "docs/field.md#internal-activity: Odoo's log of devices",
    ),
    # A browser that prefetches all links of a page is a person's.
    _Rule(
        MACHINE,
        DECOY,
        LINKS,
        lambda facts: facts.is_decoy and not _is_prefetch(facts),
        "HTML Standard, image maps: browsers show areas only on an image that uses the"
        " map, and no image does",
    ),
    # A HEAD request shows nothing to a person. The rule comes before "expired", because
    # the method is never deleted.
    _Rule(
        MACHINE,
        HEAD,
        ANY,
        lambda facts: facts.method == "HEAD",
        "RFC 9110 section 9.3.2: HEAD requests headers without the content",
    ),
    # The deleted details might have revealed a colleague or a machine.
    _Rule(
        UNKNOWN,
        "expired",
        ANY,
        lambda facts: facts.is_incomplete,
        "details of set-aside requests are deleted after some days",
    ),
    _Rule(
        MACHINE,
        PREFETCH,
        ANY,
        _is_prefetch,
        "docs/field.md#opens: MDN, Sec-Purpose header",
    ),
    _Rule(
        MACHINE,
        "scanner-network",
        ANY,
        _is_in_scanner_network,
        "docs/field.md#networks: no person browses from there",
    ),
)
# Rules for requests that no rule above, and no rule for user agents, decides.
_LAST_RULES = (
    _Rule(
        MACHINE,
        "too-soon",
        LINKS,
        _is_too_soon,
        "docs/field.md#too-soon: an early click is one sign, and needs another sign:"
        " browsers name the system they run on (MDN, User-Agent header)",
    ),
)

# All reasons that a classification can have.
REASONS = tuple(
    dict.fromkeys(
        (
            DIRECT,
            *(rule.reason for rule in _RULES),
            *user_agent_rules.REASONS,
            *(rule.reason for rule in _LAST_RULES),
            AT_DELIVERY,
            *JOINT_REASONS,
            INFERRED,
        )
    )
)


def classify(kind, **facts):
    """Decide who made a request.

    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :param facts: the other fields of `Facts`
    :return: the actor and the reason code
    :rtype: Classification
    """
    request_facts = _prepare(kind, facts)
    classification = (
        _find_rule(_RULES, request_facts)
        or user_agent_rules.find(kind, request_facts.user_agent)
        or _find_rule(_LAST_RULES, request_facts)
        or Classification(RECIPIENT, DIRECT)
    )
    since_sent = request_facts.seconds_since_sent
    if (
        kind == OPEN
        and classification.actor == RECIPIENT
        and since_sent is not None
        and since_sent < AT_DELIVERY_SECONDS
    ):
        return Classification(UNKNOWN, AT_DELIVERY)
    return classification


def hides_client(kind, user_agent, ip):
    """Return whether the network and the program of a request say nothing about other
    requests: an email client, a provider's proxy or Outlook on the web loads an image.

    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :param str user_agent: the header, or ""
    :param str ip: the client's address, or ""
    :rtype: bool
    """
    if kind != OPEN:
        return False
    # Microsoft's cloud loads images for people who use Outlook on the web. Its networks
    # are a sign for clicks only.
    network = known_networks.find(ip, CLICK)
    return is_by_email_client(kind, user_agent) or (
        network is not None and network.vendor in _CLOUD_VENDORS
    )


def is_by_email_client(kind, user_agent):
    """Return whether an email client, or a provider's proxy, loads an image. Network
    and program then say nothing about other requests.

    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :param str user_agent: the header, or ""
    :rtype: bool
    """
    rule = kind == OPEN and user_agent_rules.find(kind, user_agent.strip())
    return bool(rule) and rule.reason in EMAIL_CLIENTS | PROXIED


def _prepare(kind, facts):
    return Facts(kind, **{**facts, "user_agent": facts.get("user_agent", "").strip()})


def _find_rule(rules, facts):
    for rule in rules:
        if facts.kind in rule.kinds and rule.fits(facts):
            return Classification(rule.actor, rule.reason)
    return None


def find_signs(kind, **facts):
    """Return the signs of a request, for or against a machine.

    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :param facts: the other fields of `Facts`
    :return: codes of `signs.SIGNS`
    :rtype: tuple[str]
    """
    facts = _prepare(kind, facts)
    found = []
    platform = device.read(facts.user_agent).platform
    if not platform:
        found.append(signs.NO_SYSTEM)
    if facts.day and browser_age.is_old(facts.user_agent, platform, facts.day):
        found.append(signs.OLD_BROWSER)
    since_sent = facts.seconds_since_sent
    if since_sent is not None:
        if kind == OPEN and since_sent < signs.AT_ONCE_SECONDS:
            found.append(signs.AT_ONCE)
        elif since_sent < signs.SOON_SECONDS:
            found.append(signs.SOON)
        elif since_sent >= signs.LATER_SECONDS:
            found.append(signs.LATER)
    network = known_networks.find(facts.ip, kind) or known_networks.find_system(
        facts.system_number, kind
    )
    if network is not None and network.certainty == known_networks.SIGN:
        found.append(
            signs.CLOUD_NETWORK
            if network.vendor in _CLOUD_VENDORS
            else signs.FILTER_NETWORK
        )
    return tuple(found)


def can_belong_to_burst(classification):
    """Return whether a link request can belong to a burst. Requests by colleagues and
    by browsers that prefetch links cannot.

    :param classification: the request's classification or action, with `actor` and
        `reason`
    :rtype: bool
    """
    return classification.actor != INTERNAL and classification.reason != PREFETCH
