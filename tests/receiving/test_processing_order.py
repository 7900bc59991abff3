"""The result is the same in whatever order and pieces the job processes hits."""

import random
from datetime import datetime, timedelta
from itertools import zip_longest

from odoo.tests import tagged

from ..helpers.held_clicks_case import BODY, LINKS, HeldClicksCase
from ..helpers.user_agents import APPLE_MPP, BARRACUDA, CHROME, GMAIL_PROXY, OUTLOOK

START = datetime(2026, 6, 1, 8)
STORIES = 60
USER_AGENTS = (CHROME, CHROME, OUTLOOK, GMAIL_PROXY, APPLE_MPP, BARRACUDA, "")


def story(seed):
    """What happens to an email: seconds, link or None for the image, user agent."""
    choose = random.Random(seed)
    seconds = 0
    happened = []
    for _event in range(choose.randint(1, 12)):
        # scanners and people: at once, in a moment, later
        seconds += choose.choice([0.1, 0.5, 1.5, 1.9, 2.5, 6, 12, 90, 900])
        link = choose.choice([None, None, *LINKS])
        happened.append((seconds, link, choose.choice(USER_AGENTS)))
    return happened


@tagged("post_install", "-at_install")
class TestAnyOrder(HeldClicksCase):
    def setUp(self):
        super().setUp()
        self.hold(0)

    def happen(self, delivered, events):
        """Append hits, as they would be by now."""
        for seconds, link, user_agent in events:
            url = delivered.links[link] if link else delivered.image_urls[0]
            self.hit(url, user_agent=user_agent)
            self.env.cr.execute(
                "UPDATE trackable_hit SET occurred_at = %s"
                " WHERE id = (SELECT max(id) FROM trackable_hit)",
                [START + timedelta(seconds=seconds)],
            )
        self.env.invalidate_all()

    def outcome(self, trackable):
        """All that a person can see of it."""
        actions = sorted(
            (
                action.occurred_at,
                action.kind,
                action.trackable_link_id.label or "",
                action.actor,
                action.reason,
                action.is_repeat,
                action.user_agent or "",
            )
            for action in trackable.action_ids
        )
        counters = trackable.read(
            [
                "open_count",
                "click_count",
                "unknown_open_count",
                "raw_open_count",
                "raw_click_count",
                "first_open_date",
                "last_open_date",
            ]
        )[0]
        del counters["id"]
        entries = self.env["trackable.email.entry"].search(
            [("trackable_email_id", "=", trackable.id)]
        )
        bodies = sorted(
            # each names its own message
            entry.mail_message_id.body.replace(str(trackable.mail_message_id.id), "N")
            for entry in entries
        )
        return actions, counters, bodies

    def tell(self, stories):
        """New emails to which these happen, the next piece of each at a time; what came
        of them.

        :param list stories: of each email its pieces, lists of what happened
        """
        sent = [self.send(BODY) for _story in stories]
        for pieces in zip_longest(*stories, fillvalue=()):
            for (delivered, _trackable), piece in zip(sent, pieces, strict=True):
                self.happen(delivered, piece)
            self.process()
        return [self.outcome(trackable) for _delivered, trackable in sent]

    def test_stories(self):
        stories = [story(seed) for seed in range(STORIES)]
        choose = random.Random(STORIES)
        late = [choose.sample(events, len(events)) for events in stories]
        alone = [self.tell([[events]])[0] for events in stories]
        ways = {
            "all at once": [[events] for events in stories],
            "one by one": [[[event] for event in events] for events in stories],
            "late": [[[event] for event in events] for events in late],
        }
        for way, pieces in ways.items():
            outcomes = self.tell(pieces)
            for events, outcome, expected in zip(stories, outcomes, alone, strict=True):
                with self.subTest(way=way, events=events):
                    self.assertEqual(outcome, expected)
        # the stories are not all the same
        reasons = {action[4] for actions, _counts, _told in alone for action in actions}
        self.assertLess({"burst", "inferred", "direct", "mail-client"}, reasons)
