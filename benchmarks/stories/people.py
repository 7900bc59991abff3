"""Stories of one person who reads an email."""

from .model import EITHER, MACHINE, PEOPLE, RECIPIENT, UNKNOWN, Client
from .teller import story_type

READING = "how email programs load images: docs/field.md#opens"


@story_type(people=PEOPLE, source=READING, weight=6)
def opens_in_browser(story):
    """A webmail without a proxy loads the image in the person's browser."""
    email, reader, at = story.email(), story.browser(), story.later()
    story.open(email, at, reader)
    if story.chance(0.4):
        story.click(email, story.any_link(email), at + story.between(4, 180), reader)


@story_type(people=PEOPLE, source=READING, weight=2)
def opens_on_phone(story):
    email, reader, at = story.email(), story.phone(), story.later()
    story.open(email, at, reader)
    if story.chance(0.3):
        story.click(email, story.any_link(email), at + story.between(5, 120), reader)


@story_type(people=PEOPLE, source="httpagentparser#91, ua-parser#498", weight=8)
def outlook_then_browser(story):
    email, at = story.email(), story.later()
    outlook = story.program(story.agents.outlook())
    story.open(email, at, outlook)
    if story.chance(0.5):
        edge = Client(outlook.ip, story.agents.edge())
        story.click(email, story.any_link(email), at + story.between(3, 200), edge)


@story_type(people=PEOPLE, source="matomo device-detector, pim.yml", weight=3)
def mail_program_then_browser(story):
    email, at = story.email(), story.later()
    program = story.program(story.agents.mail_program())
    story.open(email, at, program)
    if story.chance(0.5):
        browser = story.desktop(program.ip)
        story.click(email, story.any_link(email), at + story.between(3, 200), browser)


@story_type(people=PEOPLE, source="superuser.com/questions/1359127", weight=0.3)
def office_follows_link(story):
    """Word or Excel asks for a link that was copied into a document, then the browser
    does.
    """
    email, at = story.email(), story.later()
    office = story.program(story.agents.office_program())
    link = story.any_link(email)
    story.open(email, at, story.program(story.agents.outlook(), office.ip))
    at += story.between(60, 400)
    story.click(email, link, at, office, EITHER, method="HEAD")
    story.click(email, link, at + 0.4, office)
    story.click(email, link, at + 1.3, story.desktop(office.ip))


@story_type(people=PEOPLE, source="mautic/mautic#16069", weight=8)
def gmail(story):
    email, at = story.email(), story.later()
    story.open(email, at, story.gmail())
    if story.chance(0.4):
        reader = story.browser()
        story.click(email, story.any_link(email), at + story.between(4, 240), reader)


@story_type(people=PEOPLE, source="matomo device-detector, bots.yml", weight=1.5)
def other_provider_proxy(story):
    email, at = story.email(), story.later()
    proxy = story.yahoo() if story.chance(0.4) else story.other_proxy()
    story.open(email, at, proxy)
    if story.chance(0.4):
        reader = story.browser()
        story.click(email, story.any_link(email), at + story.between(4, 240), reader)


APPLE = "support.apple.com: Mail Privacy Protection; freshinbox.com, socketlabs.com"


@story_type(people=PEOPLE, source=APPLE, weight=9)
def apple_loads_image(story):
    """Apple's relay loads the image, whether the person reads the email or not."""
    email = story.email()
    at = story.between(2, 30) if story.chance(0.6) else story.later()
    story.open(email, at, story.privacy_protection(), UNKNOWN)


@story_type(people=PEOPLE, source=APPLE, weight=2)
def apple_then_safari(story):
    """Safari's click may use the same relay as the image."""
    email = story.email()
    relay = story.privacy_protection()
    at = story.between(2, 900)
    story.open(email, at, relay, UNKNOWN)
    ip = story.networks.neighbour(relay.ip) if story.chance(0.4) else None
    agent = story.agents.iphone() if story.chance(0.6) else story.agents.safari()
    reader = Client(ip or story.networks.home(), agent)
    at += story.between(60, 1500)
    story.click(email, story.any_link(email), at, reader)


@story_type(people=PEOPLE, source="gophish#1598: clients that block images", weight=3)
def clicks_without_images(story):
    email, reader, at = story.email(), story.browser(), story.later()
    story.click(email, story.any_link(email), at, reader)
    if story.chance(0.3):
        story.click(email, story.any_link(email), at + story.between(20, 300), reader)


@story_type(people=PEOPLE, source="gophish#2565: people forward emails", weight=1.5)
def forwards(story):
    """A colleague or a friend gets the email from the recipient, and reads it too."""
    email, reader, at = story.email(), story.browser(), story.later() / 2
    story.open(email, at, reader)
    at += story.between(60, 900)
    ip = story.networks.neighbour(reader.ip) if story.chance(0.5) else None
    friend = story.browser(ip)
    story.open(email, at, friend)
    if story.chance(0.6):
        story.click(email, story.any_link(email), at + story.between(4, 90), friend)


@story_type(people=PEOPLE, source=READING, weight=2)
def reloads(story):
    """The program loads the image each time that the person selects the email."""
    email, at = story.email(), story.later() / 2
    reader = story.browser()
    if story.chance(0.4):
        reader = story.program(story.agents.mail_program())
    for _ in range(story.count(3, 7)):
        story.open(email, at, reader)
        at += story.between(2, 200)


@story_type(people=PEOPLE, source="gophish#2565: one click is recorded twice", weight=1)
def double_click(story):
    email, reader, at = story.email(), story.desktop(), story.later()
    story.open(email, at, reader)
    at += story.between(3, 100)
    link = story.any_link(email)
    story.click(email, link, at, reader)
    story.click(email, link, at + story.between(0.12, 0.7), reader)


@story_type(people=PEOPLE, source="django-anymail#200: opened again later", weight=1)
def comes_back_next_day(story):
    email, reader, at = story.email(), story.desktop(), story.later()
    story.open(email, at, reader)
    at += story.between(18, 28) * 3600
    story.open(email, at, reader)
    story.click(email, story.any_link(email), at + story.between(3, 100), reader)


@story_type(people=PEOPLE, source="mautic/mautic#17187", weight=1)
def asks_for_privacy(story):
    """The person's browser sends Do-Not-Track, or Global Privacy Control."""
    email, at = story.email(), story.later()
    reader = Client(story.networks.home(), story.agents.private())
    if story.chance(0.5):
        story.open(email, at, reader)
    story.click(email, story.any_link(email), at + story.between(4, 100), reader)


@story_type(
    people=PEOPLE, source="mimecastsupport: Browser Isolation Overview", weight=0.5
)
def isolated_browser(story):
    """The security vendor's browser opens the link that a person clicked."""
    email, at = story.email(), story.later()
    story.open(email, at, story.program(story.agents.outlook()))
    agent = story.agents.chrome("X11; Linux x86_64")
    isolated = story.vendor_machine(agent, "ISOLATION")
    story.click(email, story.any_link(email), at + story.between(5, 120), isolated)


@story_type(people=PEOPLE, source="RFC 9110, section 14: range requests", weight=0.5)
def downloads_in_parts(story):
    email = story.email(2, files=(1,))
    reader, at = story.browser(), story.later()
    story.open(email, at, reader)
    at += story.between(4, 60)
    story.click(email, 1, at, reader)
    for _ in range(story.count(2, 8)):
        at += story.between(0.1, 3)
        story.click(email, 1, at, reader, is_part=True)


@story_type(people=PEOPLE, source="mautic/mautic#9798: people are slower", weight=1)
def reads_all_links_slowly(story):
    email, reader, at = story.email(), story.desktop(), story.later() / 2
    story.open(email, at, reader)
    links = list(range(story.links_of(email)))
    story.chooser.shuffle(links)
    for link in links:
        at += story.between(62, 160)
        story.click(email, link, at, reader)


@story_type(people=PEOPLE, source="gophish#2565: another device", weight=1.5)
def clicks_on_other_device(story):
    email, at = story.email(), story.later()
    story.open(email, at, story.program(story.agents.outlook()))
    at += story.between(120, 900)
    story.click(email, story.any_link(email), at, story.phone())


@story_type(
    people=PEOPLE, source="craft-campaign#546: few machines are slower", weight=1
)
def reads_at_once(story):
    """The person sees the email seconds after it was sent."""
    email, reader = story.email(), story.browser()
    at = story.between(5.5, 15)
    story.open(email, at, reader)
    if story.chance(0.6):
        story.click(email, story.any_link(email), at + story.between(3, 40), reader)


@story_type(people=PEOPLE, source="browscap#1707, goaccess#998, bowser#140", weight=1)
def clicks_inside_app(story):
    email, at = story.email(), story.later()
    if story.chance(0.5):
        story.open(email, at, story.gmail())
    app = Client(story.networks.home(), story.agents.in_app())
    story.click(email, story.any_link(email), at + story.between(4, 200), app)


@story_type(people=PEOPLE, source="docs/field.md#clicks: complete browsers", weight=0.5)
def unusual_browser(story):
    email, at = story.email(), story.later()
    reader = Client(story.networks.home(), story.agents.unusual())
    if story.chance(0.5):
        story.open(email, at, reader)
    story.click(email, story.any_link(email), at + story.between(4, 200), reader)


@story_type(people=PEOPLE, source="warmbly/warmbly#412", weight=4)
def outlook_on_the_web(story):
    """Microsoft's servers load the image, and name the person's browser."""
    email, at = story.email(), story.later()
    reader = story.desktop()
    proxy = story.vendor_machine(reader.user_agent, "OUTLOOK_WEB")
    story.open(email, at, proxy)
    if story.chance(0.4):
        story.click(email, story.any_link(email), at + story.between(3, 150), reader)


@story_type(people=PEOPLE, source="docs/field.md#clicks: one link", weight=3)
def one_link_clicked(story):
    email, reader, at = story.email(1), story.browser(), story.later()
    story.open(email, at, reader)
    story.click(email, 0, at + story.between(3, 200), reader)


@story_type(people=PEOPLE, source="RFC 8981, RFC 6888: addresses change", weight=1)
def address_changes(story):
    """The phone leaves the office's network, or the provider shares its addresses."""
    email, at = story.email(), story.later()
    agent = story.agents.phone()
    story.open(email, at, Client(story.networks.home(), agent))
    at += story.between(5, 400)
    story.click(email, story.any_link(email), at, Client(story.networks.home(), agent))


@story_type(people=PEOPLE, machines="machine", source="MDN: Sec-Purpose", weight=0.5)
def browser_prefetches_then_click(story):
    email, reader, at = story.email(), story.desktop(), story.later()
    story.open(email, at, reader)
    at += story.between(4, 100)
    link = story.any_link(email)
    story.click(email, link, at, reader, MACHINE, purpose="prefetch")
    story.click(email, link, at + story.between(0.2, 1.5), reader)


@story_type(people=PEOPLE, source="nextauthjs/next-auth#1840", weight=1)
def outlook_checks_then_click(story):
    """The new Outlook loads the link when the person clicks, then the browser does."""
    email, at = story.email(), story.later()
    edge = story.agents.edge()
    outlook = f"{edge} OneOutlook/1.2025.{story.agents.version(100, 920)}.400"
    ip = story.networks.home()
    story.open(email, at, Client(ip, outlook, "mail"))
    at += story.between(4, 200)
    link = story.any_link(email)
    story.click(email, link, at, Client(ip, outlook, "mail"), EITHER)
    story.click(email, link, at + story.between(0.3, 1.5), Client(ip, edge))


@story_type(people=PEOPLE, source=READING, weight=0.5, only=("held back",))
def phone_and_computer(story):
    """The person has the email on two devices, and reads it on both."""
    email, at = story.email(), story.later()
    ip = story.networks.home()
    story.open(email, at, story.phone(ip))
    at += story.between(1, 120)
    computer = story.desktop(ip)
    story.open(email, at, computer, RECIPIENT)
    story.click(email, story.any_link(email), at + story.between(4, 60), computer)
