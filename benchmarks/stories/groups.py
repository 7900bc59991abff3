"""Stories of several people or emails, and of people who are easily mistaken."""

from .model import HASTY, INTERNALS, NOBODY, PEOPLE, RECIPIENT, Client
from .teller import story_type

# trackable_hit.user_id of the stories' colleague is set by the runner.
OFFICE = "docs/field.md#across-emails: people behind one address"
PROXIES = "docs/field.md#across-emails: image proxies load for many people"


@story_type(people=NOBODY, source="most emails are not opened", weight=60)
def nobody_opens(story):
    story.email()


@story_type(people=HASTY, source="docs/field.md#clicks: a hasty person", weight=0.6)
def opens_tabs(story):
    """The person opens two or three links in tabs, within 5 s."""
    email, at = story.email(), story.later()
    reader = story.desktop()
    opener = reader
    if story.chance(0.4):
        opener = story.program(story.agents.outlook(), reader.ip)
    story.open(email, at, opener)
    at += story.between(2, 600)
    links = list(range(story.links_of(email)))
    story.chooser.shuffle(links)
    for number, link in enumerate(sorted(links[: story.count(2, 3)])):
        at += story.between(*story.half.hasty_gap) if number else 0
        story.click(email, link, at, reader)


@story_type(people=HASTY, source="docs/field.md#clicks: a hasty person", weight=0.4)
def opens_all_of_two_in_tabs(story):
    """The email has two links, and the person opens both within 5 s."""
    email, reader, at = story.email(2), story.desktop(), story.later()
    story.open(email, at, reader)
    at += story.between(2, 600)
    story.click(email, 0, at, reader)
    story.click(email, 1, at + story.between(*story.half.hasty_gap), reader)


@story_type(people=PEOPLE, source=OFFICE, weight=2, large=True)
def office_of_many(story):
    """About forty people read our mailing behind one address, within an hour.

    Many offices give everybody the same computer, and so the same user agents.
    """
    ip = story.networks.home(with_ipv6=False)
    browser = story.agents.edge()
    outlook = story.agents.outlook()[0]
    links = story.chooser.choice(story.half.links)
    for _ in range(story.count(*story.half.crowd)):
        email = story.email(links, company=1)
        at = story.between(50, 3300)
        opener = Client(ip, outlook, "mail") if story.chance(0.7) else None
        story.open(email, at, opener or story.desktop(ip))
        if story.chance(0.3):
            clicker = Client(ip, browser)
            at += story.between(4, 120)
            story.click(email, story.any_link(email), at, clicker)


@story_type(people=PEOPLE, source=OFFICE, weight=1.5)
def reads_three_of_ours(story):
    """One person reads three of our emails one after another, within two minutes."""
    reader = story.browser()
    sent, at = (
        [0, story.between(20, 60), story.between(60, 90)],
        120 + story.later() / 2,
    )
    for _ in range(3):
        email = story.email(recipient=1, sent=sent.pop(0))
        begun = at - story.story.emails[email].sent
        story.open(email, begun, reader)
        if story.chance(0.3):
            story.click(email, story.any_link(email), begun + 1.5, reader)
        at += story.between(3, 40)


@story_type(people=PEOPLE, source=OFFICE, weight=1)
def selects_emails_with_arrow_keys(story):
    """One person goes through a folder: each of our emails is shown for a second."""
    program = story.program(story.agents.outlook())
    at = 60 + story.later() / 2
    for _ in range(story.count(3, 5)):
        email = story.email(recipient=1)
        story.open(email, at, program)
        at += story.between(0.8, 3)


@story_type(people=PEOPLE, source=PROXIES, weight=4, large=True)
def gmail_for_many(story):
    """A mailing's readers open it at the same time, all with Gmail."""
    links = story.chooser.choice(story.half.links)
    ip = story.gmail().ip
    for _ in range(story.count(*story.half.crowd) // 2):
        email, at = story.email(links), story.between(60, 150)
        proxy = story.gmail()
        if story.chance(0.5):
            proxy = Client(story.networks.neighbour(ip), proxy.user_agent, "proxy")
        story.open(email, at, proxy)
        if story.chance(0.2):
            reader = story.browser()
            story.click(email, story.any_link(email), at + story.between(4, 90), reader)


@story_type(people=PEOPLE, source=PROXIES, weight=1, large=True)
def other_provider_for_many(story):
    """Like Gmail's proxy, for people with Yahoo or another provider."""
    links = story.chooser.choice(story.half.links)
    first = story.yahoo() if story.chance(0.6) else story.other_proxy()
    for _ in range(story.count(*story.half.crowd) // 2):
        email, at = story.email(links), story.between(60, 300)
        ip = story.networks.neighbour(first.ip)
        story.open(email, at, Client(ip, first.user_agent, "proxy"))


@story_type(people=PEOPLE, source="warmbly/warmbly#412", weight=1.5, large=True)
def outlook_web_for_many(story):
    """Microsoft's servers load images for many people, and name their browsers."""
    links = story.chooser.choice(story.half.links)
    ip = story.vendor_machine("", "OUTLOOK_WEB").ip
    for _ in range(story.count(*story.half.crowd) // 3):
        email, at = story.email(links), story.between(60, 600)
        reader = story.desktop()
        proxy = story.networks.neighbour(ip)
        story.open(email, at, Client(proxy, reader.user_agent))
        if story.chance(0.3):
            story.click(email, story.any_link(email), at + story.between(3, 90), reader)


@story_type(people=PEOPLE, source=OFFICE, weight=1)
def two_colleagues_read_together(story):
    """Two or three people of a company open our email in the same minute or two."""
    links = story.chooser.choice(story.half.links)
    first = story.desktop(story.networks.home(with_ipv6=False))
    at = story.later()
    for number in range(story.count(2, 3)):
        email = story.email(links, company=1)
        reader = story.desktop(first.ip) if number else first
        story.open(email, at, reader)
        if story.chance(0.4):
            story.click(email, story.any_link(email), at + story.between(3, 60), reader)
        at += story.between(2, 45)


@story_type(people=PEOPLE, source=OFFICE, weight=0.5, large=True)
def office_reads_at_once(story):
    """Somebody mentions our email, and some colleagues open theirs within a minute."""
    ip = story.networks.home(with_ipv6=False)
    outlook = Client(ip, story.agents.outlook()[0], "mail")
    links = story.chooser.choice(story.half.links)
    at = 300 + story.later() / 2
    for _ in range(story.count(3, 6)):
        email = story.email(links, company=1)
        reader = outlook if story.chance(0.5) else story.desktop(ip)
        story.open(email, at, reader)
        if story.chance(0.3):
            clicker = story.desktop(ip)
            story.click(
                email, story.any_link(email), at + story.between(3, 20), clicker
            )
        at += story.between(4, 20)


@story_type(
    people=PEOPLE, source="RFC 6888: carriers share addresses", weight=1, large=True
)
def phones_behind_one_address(story):
    """Customers of a phone company share its address, and read a mailing."""
    ip = story.networks.home(with_ipv6=False)
    links = story.chooser.choice(story.half.links)
    for _ in range(story.count(5, 12)):
        email, at = story.email(links), story.between(60, 3300)
        reader = story.phone(ip)
        story.open(email, at, reader)
        if story.chance(0.3):
            story.click(email, story.any_link(email), at + story.between(4, 90), reader)


@story_type(
    people=PEOPLE, source="mimecastsupport: web security", weight=1.5, large=True
)
def companies_behind_one_proxy(story):
    """Several companies browse through the same web security service.

    Their addresses are neighbours, and many people read the mailing in an hour.
    """
    first = story.networks.cloud()
    links = story.chooser.choice(story.half.links)
    for _ in range(story.count(6, 18)):
        email, at = story.email(links), story.between(60, 3300)
        reader = story.desktop(story.networks.neighbour(first))
        story.open(email, at, reader)
        if story.chance(0.3):
            story.click(email, story.any_link(email), at + story.between(4, 90), reader)


@story_type(people=PEOPLE, source=OFFICE, weight=0.5, only=("held back",))
def shared_mailbox(story):
    """Three people of an office read an email to their shared address."""
    email, at = story.email(), story.later() / 2
    ip = story.networks.home(with_ipv6=False)
    for _ in range(3):
        reader = story.desktop(ip)
        story.open(email, at, reader)
        if story.chance(0.3):
            story.click(email, story.any_link(email), at + story.between(3, 60), reader)
        at += story.between(20, 600)


@story_type(people=INTERNALS, source="docs/field.md#internal-activity", weight=1)
def colleague_reads_in_odoo(story):
    """The sender, logged in to Odoo, loads the image and follows a link."""
    email, at = story.email(), story.between(5, 600)
    colleague = story.desktop()
    story.open(email, at, colleague, "internal", is_user=True)
    link = story.any_link(email)
    story.click(email, link, at + 20, colleague, "internal", is_user=True)


@story_type(people=PEOPLE, source=OFFICE, weight=0.5)
def customer_after_colleague(story):
    """The sender looks at their email, later the recipient reads it."""
    email, at = story.email(), story.between(5, 60)
    story.open(email, at, story.desktop(), "internal", is_user=True)
    at += story.later()
    reader = story.browser()
    story.open(email, at, reader, RECIPIENT)
    story.click(email, story.any_link(email), at + story.between(4, 60), reader)
