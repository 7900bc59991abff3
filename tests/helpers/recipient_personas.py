"""Recipients of a mailing, people and machines, and the requests of each recipient.

Each persona states the expected statistics beside its actions, so that a test compares
them without asking the tested code.
"""

import random
from collections import namedtuple
from email.message import EmailMessage

from ..common import APPLE_MPP, BROWSER, ip_of
from .user_agents import BARRACUDA, GMAIL_PROXY

SEED = 20
SIZE = 200
# Numbers of recipients without a persona.
BLACKLISTED = DUPLICATES = INVALID = BOUNCED = 10

LINKS = ("offer", "prices", "terms")
FILE = "catalogue.pdf"
# Seconds between rounds: a person acts later than a scanner, which follows all links.
PAUSE = 14
GATEWAY = "203.0.113.5"  # the scanners' address
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)

# `rounds`: the requests of each round. A request is a target ("image", a link's text or
# the name of the file), a user agent and, for a scanner, its address. The targets
# "reply" and "absent" have no user agent: they send an email. `opened`: "yes", "maybe"
# or "no". `links`: the clicks that count.
Persona = namedtuple("Persona", "rounds opened links downloads replied")


def _scan(user_agent):
    """Request everything in the email at once."""
    return [(target, user_agent, GATEWAY) for target in ("image", *LINKS, FILE)]


def _persona(*rounds, opened, links=(), downloads=0, replied=False):
    return Persona(rounds, opened, links, downloads, replied)


PERSONAS = {
    "reads nothing": _persona(opened="no"),
    "opens": _persona([("image", BROWSER)], opened="yes"),
    "opens in Gmail": _persona([("image", GMAIL_PROXY)], opened="yes"),
    "opens and clicks": _persona(
        [("image", BROWSER)], [("offer", BROWSER)], opened="yes", links=("offer",)
    ),
    "clicks twice": _persona(
        [("image", GMAIL_PROXY)],
        [("offer", BROWSER)],
        [("prices", BROWSER)],
        opened="yes",
        links=("offer", "prices"),
    ),
    "clicks the same again": _persona(
        [],
        [("terms", BROWSER)],
        [("terms", BROWSER)],
        opened="yes",
        links=("terms", "terms"),
    ),
    "blocks images and clicks": _persona(
        [], [("prices", BROWSER)], opened="yes", links=("prices",)
    ),
    "downloads": _persona(
        [("image", BROWSER)], [(FILE, BROWSER)], opened="yes", downloads=1
    ),
    "Apple Mail loads": _persona([("image", APPLE_MPP)], opened="maybe"),
    "Apple Mail loads, and clicks": _persona(
        [("image", APPLE_MPP)], [("offer", IPHONE)], opened="yes", links=("offer",)
    ),
    "a scanner that looks like a browser": _persona(_scan(BROWSER), opened="no"),
    "a scanner that says so": _persona(_scan(BARRACUDA), opened="no"),
    "scanned, then opens and clicks": _persona(
        _scan(BROWSER),
        [("image", BROWSER)],
        [("prices", BROWSER)],
        opened="yes",
        links=("prices",),
    ),
    "replies": _persona([("reply", None)], opened="yes", replied=True),
    "is absent": _persona([("absent", None)], opened="no"),
}


class Population:
    """The recipients, drawn from a fixed seed.

    :ivar list[str] addresses: addresses of all `SIZE` recipients
    :ivar dict[str, str] personas: address -> name of the persona, for readers
    """

    def __init__(self):
        chance = random.Random(SEED)
        count = SIZE - DUPLICATES - INVALID
        good = [f"customer{n}@customer.example.net" for n in range(count)]
        self.blacklisted = set(good[:BLACKLISTED])
        self.bounced = set(good[BLACKLISTED : BLACKLISTED + BOUNCED])
        readers = good[BLACKLISTED + BOUNCED :]
        self.duplicates = chance.sample(readers, DUPLICATES)
        self.invalid = [f"customer {n} at example" for n in range(INVALID)]
        self.addresses = good + self.duplicates + self.invalid
        chance.shuffle(self.addresses)
        # every persona at least once, the rest at random
        names = list(PERSONAS)
        names += chance.choices(names, k=len(readers) - len(names))
        self.personas = dict(zip(readers, names, strict=True))
        contacts = chance.sample(readers, 60)
        self.with_contact, self.with_two_contacts = contacts[:40], contacts[40:]

    def persona(self, address):
        return PERSONAS[self.personas[address]]

    def act(self, round_number, arrived, request, reply):
        """Let each persona act in one round.

        :param dict[str, Delivered] arrived: emails by address
        :param request: function of a tracked URL, an IP address and a user agent
        :param reply: function of an email as bytes
        """
        for address in self.personas:
            rounds = self.persona(address).rounds
            for target, user_agent, *ips in (
                rounds[round_number : round_number + 1] and (rounds[round_number])
            ):
                delivered = arrived[address]
                if user_agent is None:
                    is_automatic = target == "absent"
                    reply(_make_reply(address, delivered, is_automatic))
                else:
                    (ip,) = ips or (ip_of(address),)
                    request(_find_url(delivered, target), ip, user_agent)


ROUNDS = max(len(persona.rounds) for persona in PERSONAS.values())


def _find_url(delivered, target):
    if target == "image":
        (url,) = delivered.image_urls
        return url
    # A file's link has its kind and size beside the name.
    (url,) = [url for text, url in delivered.links.items() if target in text]
    return url


def _make_reply(address, delivered, is_automatic):
    reply = EmailMessage()
    reply["From"], reply["To"] = address, "news@acme.example.com"
    reply["Subject"] = "Re: News"
    reply["Message-Id"] = f"<reply-{address}>"
    reply["References"] = reply["In-Reply-To"] = delivered.message["Message-Id"]
    if is_automatic:
        reply["Auto-Submitted"] = "auto-replied"
    reply.set_content("I am away." if is_automatic else "Thank you!")
    return reply.as_bytes()


def bounce(address, delivered):
    """Return the bounce of a mail server that does not know an address (RFC 3464)."""
    message_id = delivered.message["Message-Id"]
    return (
        f"From: MAILER-DAEMON@customer.example.net\nTo: bounce@acme.example.com\n"
        f"Subject: Undelivered Mail Returned to Sender\n"
        f"Message-Id: <bounce-{address}>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nUser unknown\n"
        "--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; customer.example.net\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-Id: {message_id}\n"
        f"To: {address}\nSubject: News\n\nNews\n--b--\n"
    ).encode()
