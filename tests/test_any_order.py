"""What happened is what is shown, however the job came to know of it: all at once, or
piece by piece, as fast as it came in or late.
"""

import random
from datetime import datetime, timedelta

from odoo.tests import tagged

from .holding import BODY, LINKS, HoldCase
from .user_agents import APPLE_MPP, BARRACUDA, CHROME, GMAIL_PROXY, OUTLOOK

START = datetime(2026, 6, 1, 8)
STORIES = 20
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
class TestAnyOrder(HoldCase):
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
        told = sorted(
            # each names its own message
            entry.mail_message_id.body.replace(str(trackable.mail_message_id.id), "N")
            for entry in entries
        )
        return actions, counters, told

    def tell(self, pieces):
        """A new email to which this happens, piece by piece; what came of it."""
        delivered, trackable = self.send(BODY)
        for piece in pieces:
            self.happen(delivered, piece)
            self.process()
        return self.outcome(trackable)

    def test_stories(self):
        seen = set()
        for seed in range(STORIES):
            events = story(seed)
            choose = random.Random(seed + 1000)
            shuffled = choose.sample(events, len(events))
            with self.subTest(seed=seed, events=events):
                expected = self.tell([events])
                seen |= {action[4] for action in expected[0]}
                one_by_one = self.tell([[event] for event in events])
                self.assertEqual(one_by_one, expected)
                late = self.tell([[event] for event in shuffled])
                self.assertEqual(late, expected)
        # the stories are not all the same
        self.assertLess({"burst", "inferred", "direct", "mail-client"}, seen)
