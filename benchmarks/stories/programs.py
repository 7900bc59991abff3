"""Stories of programs that are no gateways, and of requests that nobody can decide."""

from .agents import GMAIL_PREFETCH
from .machine_agents import (
    ANTIVIRUS,
    ASSISTANTS,
    CRAWLERS,
    HEADLESS,
    LIBRARIES,
    MONITORS,
    PREFETCHES,
    PREVIEWS,
    SCANNERS,
    TREND_BROWSERS,
    fill,
)
from .model import (
    HARDER,
    MACHINE,
    MACHINES,
    PEOPLE,
    UNDECIDABLE,
    UNKNOWN,
)
from .teller import story_type


def _visit(story, family):
    """Let a program of a family load the image, or a link or two, at any time."""
    email, at = story.email(), story.between(4, 2500)
    program = story.machine(fill(story.agents, family))
    if story.chance(0.3):
        story.open(email, at, program, MACHINE)
    else:
        links = sorted({story.any_link(email), story.any_link(email)})
        story.scan(email, at, program, (2.5, 30), links=links)


@story_type(people=PEOPLE, machines=MACHINES, source="api.slack.com/robots", weight=1)
def link_preview(story):
    """A person reads the email and pastes a link into a chat, which previews it."""
    email, reader, at = story.email(), story.desktop(), story.later()
    story.open(email, at, reader)
    at += story.between(20, 600)
    preview = story.machine(fill(story.agents, PREVIEWS))
    story.click(email, story.any_link(email), at, preview, MACHINE)


@story_type(machines=MACHINES, source="the libraries' documentation", weight=0.5)
def http_library(story):
    _visit(story, LIBRARIES)


@story_type(machines=MACHINES, source="CIDRAM#275, jitsu#971, emdash#3298", weight=0.5)
def headless_browser(story):
    _visit(story, HEADLESS)


@story_type(machines=MACHINES, source="developers.openai.com/api/docs/bots", weight=0.5)
def ai_assistant(story):
    _visit(story, ASSISTANTS)


@story_type(machines=MACHINES, source="RFC 9309, section 2.2.1", weight=0.5)
def crawler(story):
    _visit(story, CRAWLERS)


@story_type(machines=MACHINES, source="wasitup.com/faq and other services", weight=0.2)
def monitoring(story):
    """The service asks for the same link every few minutes."""
    email, at = story.email(), story.between(60, 900)
    monitor, link = story.machine(fill(story.agents, MONITORS)), 0
    for _ in range(story.count(2, 5)):
        method = "HEAD" if story.chance(0.5) else "GET"
        story.click(email, link, at, monitor, MACHINE, method=method)
        at += story.between(290, 310)


@story_type(machines=MACHINES, source="docs/field.md#clicks: names itself", weight=1)
def scanner_names_itself(story):
    _visit(story, SCANNERS)


@story_type(machines=MACHINES, source="crawlerdetect's list of crawlers", weight=0.3)
def antivirus_names_itself(story):
    _visit(story, ANTIVIRUS)


@story_type(
    people=PEOPLE,
    machines=HARDER,
    source="serverfault.com/questions/138240, blog.z0i.net, abodit.com",
    weight=0.5,
)
def antivirus_repeats_click(story):
    """Trend Micro visits the page after its user, with the name of an old browser."""
    email, reader, at = story.email(), story.desktop(), story.later()
    story.open(email, at, reader)
    at += story.between(4, 60)
    link = story.any_link(email)
    story.click(email, link, at, reader)
    antivirus = story.vendor_machine(story.agents.choose(TREND_BROWSERS), "TREND_MICRO")
    story.click(email, link, at + story.between(60, 300), antivirus, MACHINE)


@story_type(machines=MACHINES, source="MDN: Sec-Purpose", weight=0.5)
def prefetch(story):
    """A browser or proxy loads ahead, and says so."""
    email, at = story.email(), story.between(10, 2500)
    reader = story.desktop()
    purpose = story.agents.choose(PREFETCHES)
    if story.chance(0.4):
        story.open(email, at, reader, MACHINE, purpose=purpose)
    else:
        link = story.any_link(email)
        story.click(email, link, at, reader, MACHINE, purpose=purpose)


@story_type(machines=MACHINES, source="bird.com; mautic/mautic#10245", weight=1)
def gmail_prefetches(story):
    """Gmail loads the image before anybody opens the email."""
    email = story.email()
    ip = story.gmail().ip
    story.open(email, story.between(1, 60), story.machine(GMAIL_PREFETCH, ip), MACHINE)


@story_type(
    machines=MACHINES, source="edalzell/laravel-passwordless-login#79", weight=1
)
def no_user_agent(story):
    """The image, and then a link, are loaded by a program that does not name itself."""
    email, at = story.email(), story.between(3, 200)
    program = story.vendor_machine("", "EXCHANGE_PROTECTION")
    story.open(email, at, program, MACHINE)
    story.click(email, 0, at + 1, program, MACHINE)


@story_type(machines=MACHINES, source="Google's special-crawlers.json", weight=0.3)
def google_special_crawler(story):
    """A crawler that calls itself a browser, in a network of Google's crawlers."""
    email, at = story.email(), story.between(30, 2000)
    crawler_client = story.vendor_machine(story.agents.chrome(), "GOOGLE_SPECIAL")
    story.click(email, story.any_link(email), at, crawler_client, MACHINE)


# Requests that nobody can decide ------------------------------------------------


@story_type(people=UNDECIDABLE, source="docs/field.md#clicks: one link, no sign")
def only_link_without_sign(story):
    """The only link is followed once, a minute after sending, by a usual browser."""
    email = story.email(1)
    client = story.desktop() if story.chance(0.5) else story.disguised()
    story.click(email, 0, story.between(30, 120), client, UNKNOWN)


@story_type(people=UNDECIDABLE, source="craft-campaign#546: 61 % within 10 s")
def image_after_ten_seconds(story):
    """An eager person or a gateway loads the image, and nothing follows."""
    email = story.email()
    client = story.desktop() if story.chance(0.5) else story.disguised()
    story.open(email, story.between(5, 20), client, UNKNOWN)


@story_type(people=UNDECIDABLE, source="onetimesecret#359: clicks from data centres")
def click_from_data_centre(story):
    """A person behind a VPN, or a machine, follows one of several links."""
    email = story.email()
    story.click(
        email,
        story.any_link(email),
        story.between(60, 2500),
        story.disguised(),
        UNKNOWN,
    )


@story_type(people=UNDECIDABLE, source="docs/field.md#clicks: gaps below 0.35 s")
def very_fast_tabs(story):
    """Three links within a second after an open, by one client."""
    email, reader, at = story.email(), story.desktop(), story.later()
    story.open(email, at, reader, UNKNOWN)
    story.scan(
        email,
        at + story.between(2, 90),
        reader,
        (0.1, 0.3),
        links=range(min(3, story.links_of(email))),
        label=UNKNOWN,
    )
