"""Register types of stories, and give their authors words to tell a story."""

from collections.abc import Callable
from dataclasses import dataclass

from . import agents
from .model import (
    BROWSER,
    IMAGE,
    MACHINE,
    MAIL,
    PROGRAM,
    PROXY,
    RECIPIENT,
    UNDECIDABLE,
    Client,
    Email,
    Request,
    Story,
)
from .networks import Networks

TYPES = {}


@dataclass(frozen=True)
class Type:
    """A type of story."""

    name: str
    tell: Callable
    people: str | None  # the group of its people, or None
    machines: str | None  # the group of its machines, or None
    source: str
    weight: float  # share of all emails, in per cent: see `population`
    is_large: bool  # a story has many emails: fewer stories are told
    halves: tuple  # names of the halves that have this type; empty: both

    @property
    def is_decidable(self):
        return UNDECIDABLE not in (self.people, self.machines)


def story_type(*, people=None, machines=None, source, weight=0, large=False, only=()):
    """Register a function that tells stories of a type. Its name is the type's.

    :param str people: the group in which requests by people are reported
    :param str machines: the group in which requests by machines are reported
    :param str source: where the behaviour is described
    :param float weight: share of all emails, in per cent
    :param bool large: whether a story has many emails
    :param only: names of the halves that have this type
    """

    def register(tell):
        TYPES[tell.__name__] = Type(
            tell.__name__, tell, people, machines, source, weight, large, tuple(only)
        )
        return tell

    return register


class Teller:
    """Tells one story: makes emails, clients and requests."""

    def __init__(self, story_type, half, chooser, networks=None):
        self.half = half
        self.chooser = chooser
        self.agents = agents.Agents(half, chooser)
        self.networks = networks or Networks(half, chooser)
        self.story = Story(story_type.name)
        self._people = 0

    # ------------------------------------------------------------
    # Chance
    # ------------------------------------------------------------

    def between(self, lowest, highest):
        return self.chooser.uniform(lowest, highest)

    def count(self, lowest, highest):
        return self.chooser.randint(lowest, highest)

    def chance(self, share):
        return self.chooser.random() < share

    def later(self):
        """Return how long after sending a person reads an email: a minute to an hour.

        Half of the people need less than ten minutes.
        """
        return min(45 + self.chooser.expovariate(1 / 700), 3000)

    # ------------------------------------------------------------
    # Emails
    # ------------------------------------------------------------

    def email(self, links=None, *, recipient=None, company=None, sent=0.0, files=()):
        """Add an email.

        :param int | None links: number of links; None: one of this half's numbers
        :param int | None recipient: number of the recipient; None: another person
        :param int | None company: number of their company; None: another company
        :return: the email's position in the story
        :rtype: int
        """
        if links is None:
            links = self.chooser.choice(self.half.links)
        if recipient is None:
            self._people += 1
            recipient = self._people
        company = recipient + 10_000 if company is None else company
        self.story.emails.append(Email(recipient, company, links, tuple(files), sent))
        return len(self.story.emails) - 1

    def links_of(self, email):
        return self.story.emails[email].links

    def any_link(self, email):
        return self.chooser.randrange(self.links_of(email))

    # ------------------------------------------------------------
    # Clients
    # ------------------------------------------------------------

    def desktop(self, ip=None):
        """Return a person's browser on a computer."""
        return Client(ip or self.networks.home(), self.agents.desktop())

    def phone(self, ip=None):
        return Client(ip or self.networks.home(), self.agents.phone())

    def browser(self, ip=None):
        """Return a person's browser, on a computer or a phone."""
        return self.phone(ip) if self.chance(0.35) else self.desktop(ip)

    def program(self, drawn, ip=None):
        """Return a client from a pair of user agent and kind of program."""
        user_agent, kind = drawn
        return Client(ip or self.networks.home(), user_agent, kind)

    def gmail(self):
        ip = self.networks.vendor(networks_of("GOOGLE_PROXY"))
        return Client(ip, agents.GMAIL_PROXY, PROXY)

    def yahoo(self):
        ip = self.networks.vendor(networks_of("YAHOO_PROXY"))
        return Client(ip, agents.YAHOO_PROXY, PROXY)

    def other_proxy(self):
        return self.program(self.agents.other_proxy(), self.networks.home(False))

    def privacy_protection(self):
        """Return Apple's relay, which loads images for Mail Privacy Protection."""
        ip = self.networks.vendor(networks_of("PRIVATE_RELAY"))
        return Client(ip, agents.PRIVACY_PROTECTION, PROXY)

    def machine(self, user_agent, ip=None):
        return Client(ip or self.networks.cloud(), user_agent, PROGRAM)

    def disguised(self, ip=None):
        """Return a machine that calls itself a current browser."""
        return self.machine(self.agents.chrome(), ip)

    def vendor_machine(self, user_agent, networks):
        """Return a machine in a network of a vendor.

        :param str networks: a name in `networks`
        """
        return self.machine(user_agent, self.networks.vendor(networks_of(networks)))

    # ------------------------------------------------------------
    # Requests
    # ------------------------------------------------------------

    def request(self, email, target, at, client, label, **details):
        """Add a request.

        :param int email: the email's position
        :param target: IMAGE, or the number of a link
        :param float at: seconds after the email was sent
        """
        seconds = self.story.emails[email].sent + at
        self.story.requests.append(
            Request(
                seconds=round(seconds, 3),
                email=email,
                target=target,
                ip=client.ip,
                user_agent=client.user_agent,
                program=client.program,
                label=label,
                **details,
            )
        )

    def open(self, email, at, client, label=RECIPIENT, **details):
        self.request(email, IMAGE, at, client, label, **details)

    def click(self, email, link, at, client, label=RECIPIENT, **details):
        self.request(email, link, at, client, label, **details)

    def scan(self, email, at, client, gap, *, links=None, label=MACHINE, **details):
        """Let a machine follow links one after another.

        :param client: a client, or a function that returns a client for each link
        :param gap: (lowest, highest) seconds between two links
        :param links: numbers of the links; None: every link
        :return: the time of the last request
        :rtype: float
        """
        links = range(self.links_of(email)) if links is None else links
        for number, link in enumerate(links):
            at += self.between(*gap) if number else 0
            source = client() if callable(client) else client
            self.click(email, link, at, source, label, **details)
        return at


def networks_of(name):
    """Return the networks of a vendor by their name in `networks`."""
    from . import networks

    return getattr(networks, name)


__all__ = ["BROWSER", "MAIL", "TYPES", "Teller", "Type", "story_type"]
