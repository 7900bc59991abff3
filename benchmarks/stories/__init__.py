"""Tell labelled stories: requests for tracked emails, and who made each of them.

No vendor publishes a labelled data set of opens and clicks. These stories are written
from documented behaviour, with the source in each type. They are independent of the
rules that classify requests: a label says what happened, not what a rule can find.

A realistic population of emails
================================

Each type has a weight: its share of the emails that a company sends to businesses, in
per cent. The weights are assumptions. They follow published ranges where there are any:
scanners make 10 to 30 % of the clicks in business campaigns (live-direct-marketing),
and Apple's privacy protection is common. About a quarter of the emails pass a gateway
that requests something, one of nine is loaded by Apple's relay, and most of the others
are read by a person or by nobody. `truth` uses the weights for the share of emails with
the right badge, and for the share with false news. Stories that nobody can decide have
no weight.
"""

import random

from . import across, gateways, groups, people, programs  # noqa: F401 (types)
from .halves import DEVELOPMENT, HALVES, HELD_BACK
from .networks import Networks
from .teller import TYPES, Teller

STORIES = 70  # of each type
LARGE_STORIES = 24  # of each type whose stories have many emails


def types_of(half):
    """Return the types of stories that a half has.

    :rtype: list[Type]
    """
    return [
        kind for kind in TYPES.values() if half.name in (kind.halves or [half.name])
    ]


def tell(half, share=1.0):
    """Tell the stories of a half. The same half and share give the same stories.

    :param Half half: the half
    :param float share: the share of the stories to tell, to be faster
    :rtype: list[Story]
    """
    networks = Networks(half, random.Random(half.seed))
    stories = []
    for kind in types_of(half):
        chooser = random.Random(f"{half.seed} {kind.name}")
        count = LARGE_STORIES if kind.is_large else STORIES
        for _ in range(max(2, round(count * share))):
            teller = Teller(kind, half, chooser, networks)
            kind.tell(teller)
            stories.append(teller.story.close(kind.is_decidable))
    return stories


__all__ = ["DEVELOPMENT", "HALVES", "HELD_BACK", "TYPES", "tell", "types_of"]
