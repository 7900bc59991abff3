"""Recipients of a mailing, people and machines, and what each of them does with it.

Each persona states the expected statistics beside its actions, so that a test compares
them without asking the tested code.
"""

import random
from collections import namedtuple
from email.message import EmailMessage

from ..common import APPLE_MPP, BROWSER
from .user_agents import BARRACUDA, GMAIL_PROXY

SEED = 20
SIZE = 200
# So many of them are no persona's.
BLACKLISTED = DUPLICATES = INVALID = BOUNCED = 10

LINKS = ("offer", "prices", "terms")
FILE = "catalogue.pdf"
PAUSE = 3  # seconds between rounds: more than a scanner takes from link to link
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)

# In each round: what is requested ("image", a link's text or the file's name), by
# which program; and "reply" or "absent", which go by email.
# `opened`: "yes", "maybe" or "no". `links`: those clicked, as often as that counts.
Persona = namedtuple("Persona", "rounds opened links downloads replied")


def _scan(user_agent):
    """Everything in the email, at once."""
    return [(what, user_agent) for what in ("image", *LINKS, FILE)]


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

    :ivar list[str] addresses: of the recipients, `SIZE` of them
    :ivar dict[str, str] personas: of those who get it and read it: address -> name
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
        # each of them, and then as it happens
        names = list(PERSONAS)
        names += chance.choices(names, k=len(readers) - len(names))
        self.personas = dict(zip(readers, names, strict=True))
        contacts = chance.sample(readers, 60)
        self.with_contact, self.with_two_contacts = contacts[:40], contacts[40:]

    def persona(self, address):
        return PERSONAS[self.personas[address]]

    def act(self, round_number, arrived, request, answer):
        """Let each persona do what it does in one round.

        :param dict[str, Delivered] arrived: by address
        :param request: called with a tracked URL and a program
        :param answer: called with an email as bytes
        """
        for address in self.personas:
            rounds = self.persona(address).rounds
            for what, user_agent in (
                rounds[round_number : round_number + 1] and (rounds[round_number])
            ):
                delivered = arrived[address]
                if user_agent is None:
                    answer(_reply(address, delivered, is_automatic=what == "absent"))
                else:
                    request(_url(delivered, what), user_agent)


ROUNDS = max(len(persona.rounds) for persona in PERSONAS.values())


def _url(delivered, what):
    if what == "image":
        (url,) = delivered.image_urls
        return url
    # A file's link has its kind and size beside the name.
    (url,) = [url for text, url in delivered.links.items() if what in text]
    return url


def _reply(address, delivered, is_automatic):
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
