"""Define what a story is: tracked emails, requests, and the truth about both."""

from dataclasses import dataclass, field

# Labels: who made a request.
RECIPIENT = "recipient"  # a person
MACHINE = "machine"
UNKNOWN = "unknown"  # a provider that loads everything, or nobody can decide
INTERNAL = "internal"  # a colleague
EITHER = "either"  # the request belongs to a person's click: it is not scored
LABELS = (RECIPIENT, MACHINE, UNKNOWN, INTERNAL, EITHER)

# Badges of an email, from the weakest to the strongest.
NOTHING, MAYBE, OPENED, CLICKED = "nothing", "maybe", "opened", "clicked"
BADGES = (NOTHING, MAYBE, OPENED, CLICKED)
# How much news a badge is: a possible open notifies nobody.
NEWS = {NOTHING: 0, MAYBE: 0, OPENED: 1, CLICKED: 2}

# Marks of types: the group in which the requests of people or machines are reported.
PEOPLE, HASTY, INTERNALS = "people", "hasty", "internal"
MACHINES, BURST, HARDER = "machine", "burst", "harder"
UNDECIDABLE = "undecidable"
NOBODY = "nobody"  # no request at all
MARKS = (
    *(PEOPLE, HASTY, INTERNALS),
    *(MACHINES, BURST, HARDER),
    *(UNDECIDABLE, NOBODY),
)

# Programs: what kind of client made a request.
BROWSER, MAIL, PROXY, PROGRAM = "browser", "mail", "proxy", "program"

IMAGE = "image"


@dataclass(frozen=True)
class Client:
    """The source of requests: an address and a user agent."""

    ip: str
    user_agent: str
    program: str = BROWSER


@dataclass
class Email:
    """A tracked email.

    Recipients and companies have numbers: two emails of a story with the same number
    belong to the same person or company.
    """

    recipient: int
    company: int
    links: int
    files: tuple = ()  # numbers of the links that are files
    sent: float = 0.0  # seconds after the beginning of the story
    badge: str | None = NOTHING  # None: nobody can decide


@dataclass
class Request:
    """A request for the image of an email, or for one of its links."""

    seconds: float  # after the beginning of the story
    email: int  # the email's position in the story
    target: str | int  # IMAGE, or the number of a link
    ip: str
    user_agent: str
    label: str
    program: str = BROWSER
    method: str = "GET"
    purpose: str = ""
    is_part: bool = False
    is_user: bool = False  # the request carries a live session of an internal user


@dataclass
class Story:
    """Some emails, the requests for them, and the truth."""

    type: str
    emails: list[Email] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def close(self, is_decidable=True):
        """Sort the requests, and derive each email's true badge from their labels.

        :param bool is_decidable: whether an expert can tell who made the requests
        :rtype: Story
        """
        self.requests.sort(key=lambda request: request.seconds)
        for position, email in enumerate(self.emails):
            badges = [
                _badge(request)
                for request in self.requests
                if request.email == position
            ]
            email.badge = max(badges, key=BADGES.index, default=NOTHING)
            if not is_decidable:
                email.badge = None
        return self


def _badge(request):
    """Return the badge that an email with only this request has."""
    if request.label == RECIPIENT:
        return OPENED if request.target == IMAGE else CLICKED
    if request.label == UNKNOWN and request.target == IMAGE:
        return MAYBE
    return NOTHING
