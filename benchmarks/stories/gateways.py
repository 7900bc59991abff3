"""Stories of security gateways that follow the links of one email."""

from .machine_agents import OLD_BROWSERS, fill
from .model import BURST, HARDER, MACHINE, MACHINES, PEOPLE, Client
from .teller import story_type

BURSTS = "putyourlightson/craft-campaign#546: 836 bursts"
SLOW = "mautic/mautic#9798"
AGE = "gophish#973, gophish#2446, opencollective#3656"


def _start(story):
    return story.between(*story.half.burst_start)


@story_type(machines=BURST, source=BURSTS, weight=5)
def burst_of_one_client(story):
    email, gateway = story.email(), story.disguised()
    story.scan(email, _start(story), gateway, story.half.burst_gap)


@story_type(machines=BURST, source=f"{BURSTS}; warmbly#298", weight=3)
def burst_of_many_clients(story):
    """Each request comes from another address, and names another browser."""
    email = story.email()
    story.scan(email, _start(story), story.disguised, story.half.burst_gap)


@story_type(machines=BURST, source=f"{BURSTS}; MillionSend#22", weight=2)
def burst_with_image(story):
    email, gateway = story.email(), story.disguised()
    at = _start(story)
    story.open(email, at, gateway, MACHINE)
    story.scan(email, at + story.between(0, 1.5), gateway, story.half.burst_gap)


@story_type(machines=BURST, source="mautic/mautic#9162; two links", weight=1)
def burst_of_two_links(story):
    email, gateway = story.email(2), story.disguised()
    story.scan(email, _start(story), gateway, (0.02, 0.3))


@story_type(machines=BURST, source="resend-node#901; two products in a row", weight=1)
def two_gateways(story):
    """The company's gateway scans at delivery, a second product scans the mailbox."""
    email = story.email()
    start = _start(story)
    story.scan(email, start, story.disguised(), story.half.burst_gap)
    start += story.between(20, 240)
    story.scan(email, start, story.disguised(), story.half.burst_gap)


@story_type(machines=MACHINES, source=BURSTS, weight=3)
def image_before_burst(story):
    """The image is loaded about 9 s after sending, the burst follows after 33 s."""
    email, gateway = story.email(), story.disguised()
    at = story.between(3.5, 20)
    story.open(email, at, gateway, MACHINE)
    at += story.between(*story.half.image_lead)
    burst = gateway if story.chance(0.5) else story.disguised
    story.scan(email, at, burst, story.half.burst_gap)


@story_type(machines=MACHINES, source=SLOW, weight=1)
def one_link_a_second(story):
    email = story.email(max(4, story.chooser.choice(story.half.links)))
    story.scan(email, _start(story), story.disguised(), story.half.slow_gap)


@story_type(machines=HARDER, source=SLOW, weight=1)
def one_link_every_ten_seconds(story):
    """The scan takes up to three minutes."""
    email = story.email(max(4, story.chooser.choice(story.half.links)))
    lowest, highest = story.half.slower_gap
    highest = min(highest, 175 / story.links_of(email))
    gap = (min(lowest, highest), highest)
    story.scan(email, _start(story), story.disguised(), gap)


@story_type(machines=HARDER, source="mautic/mautic#9798; warmbly#298", weight=0.5)
def slow_scan_of_many_clients(story):
    """Each link is followed from another address of one network, within 12 s."""
    email = story.email(max(4, story.chooser.choice(story.half.links)))
    first = story.disguised()

    def neighbour():
        ip = story.networks.neighbour(first.ip)
        return Client(ip, story.agents.chrome(), "program")

    at = _start(story)
    gap = 11 / story.links_of(email)
    story.scan(email, at, neighbour, (gap / 2, gap))


@story_type(
    machines=MACHINES,
    source="civicrm-core#35328, jdavidbakr/mail-tracker#200, supabase/auth#1214",
    weight=1,
)
def head_then_get(story):
    """Some gateways ask with HEAD first. Both requests are the gateway's."""
    email, gateway, at = story.email(), story.disguised(), _start(story)
    for link in range(story.count(1, 2)):
        story.click(email, link, at, gateway, MACHINE, method="HEAD")
        at += story.between(0.1, 3)
        story.click(email, link, at, gateway, MACHINE)
        at += story.between(4, 20)


@story_type(machines=MACHINES, source="mautic/mautic#10245, gophish#2115", weight=1)
def image_at_handover(story):
    """A request so early that no person can have the email."""
    email = story.email()
    story.open(email, story.between(0.2, 2.9), story.disguised(), MACHINE)


@story_type(machines=HARDER, source=AGE, weight=1)
def old_browser_follows_a_link(story):
    """A detonation with a browser that is years old follows one or two of the links."""
    email, at = story.email(), story.between(8, 280)
    detonation = story.machine(fill(story.agents, OLD_BROWSERS))
    links = sorted({story.any_link(email), story.any_link(email)})
    story.scan(email, at, detonation, (1, 9), links=links)


@story_type(machines=HARDER, source="opencollective#3656, warmbly#412", weight=2)
def safe_links_detonation(story):
    """Microsoft opens one or two links from its networks, with a current browser."""
    email, at = story.email(), story.between(15, 290)
    agent = story.agents.edge() if story.chance(0.5) else story.agents.chrome()
    detonation = story.vendor_machine(agent, "SAFE_LINKS")
    links = sorted({story.any_link(email), story.any_link(email)})
    story.scan(email, at, detonation, (0.5, 8), links=links)


@story_type(machines=MACHINES, source="gophish#973, warmbly#412", weight=2)
def exchange_online_protection(story):
    """Requests from Exchange Online Protection's networks. No person browses there."""
    email, at = story.email(), story.between(5, 280)
    agent = story.agents.edge() if story.chance(0.7) else ""
    protection = story.vendor_machine(agent, "EXCHANGE_PROTECTION")
    if story.chance(0.5):
        story.open(email, at, protection, MACHINE)
    story.click(
        email, story.any_link(email), at + story.between(0.2, 9), protection, MACHINE
    )


@story_type(machines=MACHINES, source="warmbly#526, act-on.com", weight=1.5)
def barracuda_gateway(story):
    """Barracuda follows the first link, and does not name itself."""
    email, at = story.email(), story.between(5, 280)
    gateway = story.vendor_machine(story.agents.chrome(), "BARRACUDA")
    if story.chance(0.5):
        story.open(email, at, gateway, MACHINE)
    story.click(email, 0, at + story.between(0.1, 6), gateway, MACHINE)


@story_type(machines=HARDER, source="resend/resend-node#901", people=PEOPLE, weight=1)
def doubled_click(story):
    """A person clicks. A scanner repeats the click from another network and system."""
    email, reader, at = story.email(), story.desktop(), story.later()
    story.open(email, at, reader)
    at += story.between(4, 120)
    link = story.any_link(email)
    story.click(email, link, at, reader)
    system = "X11; Linux x86_64"
    if "Linux" in reader.user_agent:
        system = "Windows NT 10.0; Win64; x64"
    scanner = story.machine(story.agents.chrome(system))
    story.click(email, link, at + story.between(*story.half.doubled), scanner, MACHINE)


@story_type(
    machines=HARDER,
    people=PEOPLE,
    source="thomask.sdf.org, vipre.helpjuice.com: links are checked at the click",
    weight=1,
)
def checked_at_click(story):
    """A rewritten link is checked from a data centre, then the person gets to it."""
    email, reader, at = story.email(), story.desktop(), story.later()
    story.open(email, at, reader)
    at += story.between(4, 120)
    link = story.any_link(email)
    story.click(email, link, at, story.disguised(), MACHINE)
    story.click(email, link, at + story.between(0.6, 6), reader)


@story_type(
    machines=HARDER, source="craft-campaign#546: 0.7 % after 1 to 24 h", weight=1
)
def rescan_at_night(story):
    """The gateway scans the mailbox again, hours after delivery, link by link."""
    email = story.email(max(4, story.chooser.choice(story.half.links)))
    at = story.between(5, 13) * 3600
    story.scan(email, at, story.disguised(), (1.5, 9))


@story_type(machines=BURST, source=BURSTS, weight=1)
def rescan_burst(story):
    """The gateway follows all links again, hours after the first burst."""
    email = story.email()
    story.scan(email, _start(story), story.disguised(), story.half.burst_gap)
    at = story.between(1, 13) * 3600
    story.scan(email, at, story.disguised(), story.half.burst_gap)


@story_type(
    machines=HARDER, source="gophish#973, docs/field.md#clicks: one link", weight=1
)
def only_link_scanned(story):
    """The email has one link. A gateway loads the image and the link within seconds of
    each other, half a minute after sending, with an old browser or with HEAD.
    """
    email, at = story.email(1), story.between(8, 60)
    gateway = story.machine(fill(story.agents, OLD_BROWSERS))
    if story.chance(0.5):
        gateway = story.disguised()
        story.click(email, 0, at - 1, gateway, MACHINE, method="HEAD")
    story.open(email, at, gateway, MACHINE)
    story.click(email, 0, at + story.between(0.05, 0.9), gateway, MACHINE)


@story_type(
    machines=BURST,
    source=f"{BURSTS}; unsubscribe links",
    weight=0.5,
    only=("held back",),
)
def burst_with_repetitions(story):
    """The gateway follows each link twice, in another order."""
    email, gateway = story.email(), story.disguised()
    links = list(range(story.links_of(email)))
    at = story.scan(email, _start(story), gateway, story.half.burst_gap)
    story.chooser.shuffle(links)
    story.scan(email, at + 0.3, gateway, story.half.burst_gap, links=links)
