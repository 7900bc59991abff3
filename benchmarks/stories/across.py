"""Stories of machines that only several emails together reveal, and of people and
machines in the same email.
"""

from .model import BURST, HARDER, MACHINE, MACHINES, PEOPLE, Client
from .teller import story_type

OUTREACH = "support.outreach.io: Why is the open tracking rate for emails inflated"
ACROSS = "docs/field.md#across-emails; phishinsight.trendmicro.com: one IP, many users"


def _recipients(story, links=None):
    """Add emails to several people of one company.

    :return: positions of the emails
    :rtype: list[int]
    """
    links = story.chooser.choice(story.half.links) if links is None else links
    count = story.count(*story.half.gateway)
    return [story.email(links, company=1) for _ in range(count)]


@story_type(machines=HARDER, source=ACROSS, weight=2, large=True)
def gateway_loads_images(story):
    """One gateway loads the images of emails to 4 to 20 people within seconds."""
    gateway, at = story.disguised(), story.between(8, 60)
    for email in _recipients(story):
        story.open(email, at, gateway, MACHINE)
        at += story.between(0.05, 0.8)


@story_type(machines=HARDER, source=f"{ACROSS}; act-on.com", weight=2, large=True)
def gateway_follows_one_link_each(story):
    """One gateway follows the first link of each of these emails."""
    gateway, at = story.disguised(), story.between(10, 90)
    for email in _recipients(story):
        story.click(email, 0, at, gateway, MACHINE)
        at += story.between(0.1, 1.2)


@story_type(machines=HARDER, source=ACROSS, weight=2, large=True)
def gateway_loads_images_and_links(story):
    """One gateway loads the image of each email, then one or two links."""
    gateway, at = story.disguised(), story.between(8, 90)
    for email in _recipients(story):
        story.open(email, at, gateway, MACHINE)
        links = sorted({story.any_link(email), story.any_link(email)})
        at = story.scan(
            email, at + story.between(0.3, 1), gateway, (2.1, 3), links=links
        )
        at += story.between(0.05, 0.6)


@story_type(machines=HARDER, source=ACROSS, weight=1, large=True)
def gateway_with_many_addresses(story):
    """The gateway's addresses are neighbours in one network."""
    gateway, at = story.disguised(), story.between(8, 90)
    for email in _recipients(story, 1):
        ip = story.networks.neighbour(gateway.ip)
        client = Client(ip, gateway.user_agent, gateway.program)
        story.open(email, at, client, MACHINE)
        story.click(email, 0, at + story.between(0.1, 0.7), client, MACHINE)
        at += story.between(0.1, 1)


@story_type(machines=HARDER, source=OUTREACH, weight=2, large=True)
def outbound_filter(story):
    """The filter of the sender's own company loads all emails that just left."""
    email_filter, at = story.disguised(), 0
    links = story.chooser.choice(story.half.links)
    for _ in range(story.count(*story.half.gateway)):
        email = story.email(links, sent=at)
        begun = story.between(3.2, 9)
        story.open(email, begun, email_filter, MACHINE)
        if story.chance(0.4):
            story.click(email, 0, begun + story.between(0.3, 2), email_filter, MACHINE)
        at += story.between(0.1, 1.2)


@story_type(
    machines=HARDER, source=OUTREACH, weight=0.5, large=True, only=("held back",)
)
def provider_scans_outbox(story):
    """The provider of the sender's mailbox loads a batch of emails minutes later."""
    scanner, at = story.disguised(), story.between(120, 600)
    links = story.chooser.choice(story.half.links)
    for _ in range(story.count(*story.half.gateway)):
        email = story.email(links)
        story.open(email, at, scanner, MACHINE)
        at += story.between(0.05, 0.4)


# People and machines ------------------------------------------------------------


@story_type(people=PEOPLE, machines=BURST, source="django-anymail#200", weight=4)
def person_after_gateway(story):
    """Minutes or hours after the gateway's burst, the person reads the email."""
    email = story.email()
    story.scan(email, story.between(15, 60), story.disguised(), story.half.burst_gap)
    at = 240 + story.later()
    reader = story.browser()
    if story.chance(0.5):
        reader = story.program(story.agents.outlook())
    story.open(email, at, reader)
    if story.chance(0.6):
        clicker = story.desktop(reader.ip)
        story.click(email, story.any_link(email), at + story.between(4, 90), clicker)


@story_type(people=PEOPLE, machines=MACHINES, source="craft-campaign#546", weight=2)
def person_after_image_and_burst(story):
    """The gateway loads the image first; the person reads the email in Gmail."""
    email, gateway = story.email(), story.disguised()
    story.open(email, 9, gateway, MACHINE)
    at = 9 + story.between(*story.half.image_lead)
    at = story.scan(email, at, gateway, story.half.burst_gap)
    at += 200 + story.later()
    story.open(email, at, story.gmail())
    if story.chance(0.5):
        story.click(
            email, story.any_link(email), at + story.between(5, 90), story.browser()
        )


@story_type(people=PEOPLE, machines=HARDER, source="warmbly#412", weight=2)
def person_after_safe_links(story):
    email = story.email()
    agent = story.agents.edge()
    detonation = story.vendor_machine(agent, "SAFE_LINKS")
    story.click(
        email, story.any_link(email), story.between(15, 120), detonation, MACHINE
    )
    at = 240 + story.later()
    outlook = story.program(story.agents.outlook())
    story.open(email, at, outlook)
    if story.chance(0.6):
        clicker = Client(outlook.ip, story.agents.edge())
        story.click(email, story.any_link(email), at + story.between(4, 90), clicker)


@story_type(people=PEOPLE, machines=BURST, source="craft-campaign#546", weight=0.5)
def person_opens_during_scan(story):
    """The person's mail program loads the image seconds before the burst begins."""
    email = story.email()
    at = story.between(25, 60)
    story.open(email, at, story.program(story.agents.outlook()))
    at += story.between(4, 30)
    story.scan(email, at, story.disguised(), story.half.burst_gap)


@story_type(people=PEOPLE, machines=HARDER, source=ACROSS, weight=1, large=True)
def people_after_company_gateway(story):
    """A gateway loads the images of a company's emails. Later some people read them."""
    gateway, at = story.disguised(), story.between(8, 60)
    office = story.networks.home(with_ipv6=False)
    for email in _recipients(story):
        story.open(email, at, gateway, MACHINE)
        at += story.between(0.05, 0.8)
        if story.chance(0.5):
            reader = story.program(story.agents.outlook(), office)
            story.open(email, 300 + story.later(), reader)
