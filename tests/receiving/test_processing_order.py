"""Processing gives the same result for any order and any batches of hits."""

import random
import re
from datetime import datetime, timedelta
from itertools import zip_longest

from odoo.tests import tagged

from ..helpers.held_clicks_case import BODY, LINKS, HeldClicksCase
from ..helpers.user_agents import APPLE_MPP, BARRACUDA, CHROME, GMAIL_PROXY, OUTLOOK

START = datetime(2026, 6, 1, 8)
EMAILS = 60
USER_AGENTS = (CHROME, CHROME, OUTLOOK, GMAIL_PROXY, APPLE_MPP, BARRACUDA, "")
NETWORKS = ("192.0.2", "198.51.100")
# Requests of a gateway come from the same network for all emails.
GATEWAY = "203.0.113.5"


def make_events(seed):
    """Generate the events of an email: seconds, link (None: the image), user agent,
    method and IP address.
    """
    choose = random.Random(seed)
    seconds = 0
    events = []
    for _event in range(choose.randint(1, 12)):
        # pauses of scanners and people
        seconds += choose.choice([0.1, 0.5, 1.5, 1.9, 2.5, 6, 12, 90, 900])
        link = choose.choice([None, None, *LINKS])
        user_agent = choose.choice(USER_AGENTS)
        method = choose.choice(["GET"] * 9 + ["HEAD"])
        ip = f"{choose.choice(NETWORKS)}.{seed}"
        events.append((seconds, link, user_agent, method, ip))
    return events


@tagged("post_install", "-at_install")
class TestAnyOrder(HeldClicksCase):
    def setUp(self):
        super().setUp()
        self.hold(0)

    def append_events(self, delivered, events):
        """Append a hit for each event."""
        for seconds, link, user_agent, method, ip in events:
            url = delivered.links[link] if link else delivered.image_urls[0]
            self.hit(url, user_agent=user_agent, method=method, ip=ip)
            self.env.cr.execute(
                "UPDATE trackable_hit SET occurred_at = %s"
                " WHERE id = (SELECT max(id) FROM trackable_hit)",
                [START + timedelta(seconds=seconds)],
            )
        self.env.invalidate_all()

    def read_outcome(self, trackable):
        """Return actions, counters and chatter entries of an email."""
        actions = sorted(
            (
                action.occurred_at,
                action.kind,
                action.trackable_link_id.label or "",
                action.actor,
                action.reason,
                action.confidence,
                action.signs or "",
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
        message_id = trackable.mail_message_id.id
        bodies = sorted(
            # Each body contains the id of its message.
            re.sub(rf"\b{message_id}\b", "N", entry.mail_message_id.body)
            for entry in entries
        )
        return actions, counters, bodies

    def process_in_pieces(self, pieces_by_email):
        """Send an email for each list of pieces. Process the first piece of all emails,
        then the second piece, and so on.

        :param list pieces_by_email: for each email a list of pieces, which are lists of
            events
        :return: the outcome for each email
        """
        sent = [self.send(BODY) for _pieces in pieces_by_email]
        for pieces in zip_longest(*pieces_by_email, fillvalue=()):
            for (delivered, _trackable), piece in zip(sent, pieces, strict=True):
                self.append_events(delivered, piece)
            self.process()
        return [self.read_outcome(trackable) for _delivered, trackable in sent]

    def test_outcome_does_not_depend_on_order_and_batches(self):
        events_by_email = [make_events(seed) for seed in range(EMAILS)]
        choose = random.Random(EMAILS)
        shuffled = [choose.sample(events, len(events)) for events in events_by_email]
        expected_outcomes = [
            self.process_in_pieces([[events]])[0] for events in events_by_email
        ]
        ways = {
            "all at once": [[events] for events in events_by_email],
            "one by one": [[[event] for event in events] for events in events_by_email],
            "shuffled": [[[event] for event in events] for events in shuffled],
        }
        for way, pieces in ways.items():
            outcomes = self.process_in_pieces(pieces)
            for events, outcome, expected in zip(
                events_by_email, outcomes, expected_outcomes, strict=True
            ):
                with self.subTest(way=way, events=events):
                    self.assertEqual(outcome, expected)
        # The events cause different classifications.
        reasons = {
            action[4]
            for actions, _counters, _bodies in expected_outcomes
            for action in actions
        }
        self.assertLess(
            {"burst", "slow-scan", "inferred", "direct", "mail-client"}, reasons
        )

    def test_scan_of_many_emails_in_any_order(self):
        """A gateway loads the images of all emails, and people open some of them."""
        choose = random.Random(1)
        people = [
            [(900 + 60 * number, None, CHROME, "GET", f"192.0.2.{number}")]
            for number in range(8)
        ]
        scan = [
            [(40 + number * 0.7, None, CHROME, "GET", GATEWAY)] for number in range(8)
        ]
        outcomes = []
        for order in ("all at once", "one by one", "shuffled"):
            with self.subTest(order):
                self.env["trackable.client"].search([]).unlink()
                partners = self.env["res.partner"].create(
                    [
                        {"name": f"P{number}", "email": f"{number}@{order[:3]}.example"}
                        for number in range(8)
                    ]
                )
                sent = [self.send_to(partner) for partner in partners]
                events = [
                    (number, event)
                    for events_by_email in (scan, people)
                    for number, events in enumerate(events_by_email)
                    for event in events
                ]
                if order == "shuffled":
                    choose.shuffle(events)
                for number, event in events:
                    self.append_events(sent[number][0], [event])
                    if order != "all at once":
                        self.process()
                self.process()
                outcomes.append(
                    [self.read_outcome(trackable)[:2] for _mail, trackable in sent]
                )
                for actions, counters in outcomes[-1]:
                    self.assertEqual(counters["open_count"], 1)
                    self.assertEqual(
                        [action[4] for action in actions], ["many-emails", "direct"]
                    )
        self.assertEqual(outcomes[0], outcomes[1])
        self.assertEqual(outcomes[0], outcomes[2])

    def send_to(self, partner):
        self.inbox.emails.clear()
        message = self.post(BODY, partner_ids=partner.ids)
        trackable = self.trackable_emails(message)
        trackable.sent_date = START
        return self.inbox.emails[0], trackable
