"""tools/crawlers: the results of the package crawlerdetect, in linear time."""

import random
import re
import string

import pytest
from crawlerdetect import CrawlerDetect
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import crawlers, device
from odoo.addons.pipeline_tracking.tools.actors import CLICK, OPEN
from odoo.addons.pipeline_tracking.tools.classify import classify

from ..helpers.time_limit import within
from ..helpers.user_agents import BROWSERS, CRAWLERS, MAIL_CLIENTS

detect = CrawlerDetect()
# Names of crawlers: the patterns of the list without special characters.
NAMES = [re.sub(r"[\\^$()?*+\[\]|]", "", pattern) for pattern in crawlers.CRAWLERS]


@pytest.mark.parametrize("user_agent", CRAWLERS)
def test_crawlers(user_agent):
    assert crawlers.is_crawler(user_agent)


@pytest.mark.parametrize("user_agent", ["", "  ", *BROWSERS])
def test_browsers_are_not_crawlers(user_agent):
    assert not crawlers.is_crawler(user_agent)


def test_same_results_as_the_package():
    user_agents = [agent for agents in MAIL_CLIENTS.values() for agent in agents]
    for name in NAMES:
        user_agents += [
            name,
            name.upper(),
            f"Mozilla/5.0 (compatible; {name}/1.0; +https://x.example.org)",
            f"x{name}y",
            f" {name} ",
        ]
    assert len(user_agents) > 5000
    for user_agent in user_agents:
        assert crawlers.is_crawler(user_agent) == detect.is_crawler(user_agent)


@given(
    st.lists(
        st.sampled_from([*NAMES, *BROWSERS, " ", "/", "1.0"])
        | st.text(string.printable, max_size=5),
        max_size=6,
    )
)
def test_same_results_as_the_package_for_any_text(pieces):
    user_agent = "".join(pieces)
    assert crawlers.is_crawler(user_agent) == detect.is_crawler(user_agent)


def test_patterns_for_python_have_no_repetition():
    """A repetition in a pattern for Python could take quadratic time."""
    with_lookahead = [pattern for pattern in crawlers.CRAWLERS if "(?!" in pattern]
    assert with_lookahead == ["Yandex(?!Search)"]
    assert not any("(?" in pattern for pattern in crawlers.EXCLUSIONS)


HOSTILE = {
    "letters": (string.ascii_letters + string.digits, 1),
    "printable": (string.printable, 1),
    "spaces": ("  \t", 1),
    "names": (NAMES, 60),
    "parts of names": ([name[:-1] for name in NAMES], 60),
    "parts of browsers": (["Microsoft ", "trident/", "MSIE ", "like Mac OS X "], 9),
    "any language": ("".join(map(chr, range(0xA0, 0x3000, 7))), 1),
}


@pytest.mark.parametrize("alphabet, length", HOSTILE.values(), ids=HOSTILE)
def test_any_header_is_classified_quickly(alphabet, length):
    """The limit is ten times the usual time. The package takes 30 ms per header."""
    chooser = random.Random(1)
    user_agents = [
        "".join(chooser.choices(alphabet, k=512 // length + 1))[:512]
        for _number in range(1000)
    ]
    with within(10):
        for user_agent in user_agents:
            device.describe(user_agent)
            for kind in (OPEN, CLICK):
                classify(
                    kind,
                    user_agent=user_agent,
                    purpose=user_agent,
                    ip=user_agent[:64],
                    seconds_since_sent=0,
                    early_seconds=2,
                )
