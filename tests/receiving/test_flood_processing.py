"""A flood of requests leaves few hits in the queue, and fewer actions."""

from odoo.tests import tagged

from odoo.addons.pipeline_tracking.tools.flood import LIMIT, LIMIT_OF_EMAIL
from odoo.addons.pipeline_tracking.tools.hit_append_sql import (
    HEAD_SHARE,
    MAX_WAITING,
    MAX_WAITING_EMAIL,
    MAX_WAITING_UNKNOWN,
)

from ..helpers.held_clicks_case import LINKS, HeldClicksCase
from ..helpers.user_agents import CHROME, OUTLOOK

FLOODER = "203.0.113.66"


@tagged("post_install", "-at_install")
class TestFloodProcessed(HeldClicksCase):
    def setUp(self):
        super().setUp()
        self.hold(0)

    def flood(self, count, name="prices", **values):
        url = self.delivered.links[name] if name else self.image
        for _time in range(count):
            self.hit(url, **{"ip": FLOODER, "user_agent": CHROME, **values})

    def waiting(self, **values):
        return self.env["trackable.hit"].search_count(
            [(name, "=", value) for name, value in values.items()]
        )

    def actions(self, **values):
        return self.trackable.action_ids.filtered_domain(
            [(name, "=", value) for name, value in values.items()]
        )

    # ------------------------------------------------------------
    # The queue
    # ------------------------------------------------------------

    def test_waiting_hits_are_limited(self):
        self.flood(MAX_WAITING + 50)
        self.assertEqual(self.waiting(), MAX_WAITING)
        # The image, other links and other emails have separate limits.
        self.flood(3, name=None)
        self.flood(3, name="terms")
        self.assertEqual(self.waiting(), MAX_WAITING + 6)
        delivered, _other = self.send("<p>Hello</p>")
        self.hit(delivered.image_urls[0], ip=FLOODER)
        self.assertEqual(self.waiting(), MAX_WAITING + 7)

    def test_head_requests_do_not_block_get_requests(self):
        self.flood(MAX_WAITING, method="HEAD")
        self.assertEqual(self.waiting(), MAX_WAITING // HEAD_SHARE)
        self.flood(1)
        self.assertEqual(self.waiting(method="GET"), 1)
        # A single HEAD request is recorded.
        delivered, _other = self.send("<p>Hello</p>")
        self.hit(delivered.image_urls[0], method="HEAD")
        self.assertEqual(self.waiting(), MAX_WAITING // HEAD_SHARE + 2)

    def test_hits_of_other_senders_are_not_lost(self):
        for _round in range(5):
            self.flood(MAX_WAITING // 4)
            self.hit(self.delivered.links["prices"], ip="192.0.2.7")
            self.hit(self.image, ip=FLOODER)
        self.assertEqual(self.waiting(ip="192.0.2.7"), 5)
        self.assertEqual(self.waiting(ip=FLOODER), MAX_WAITING + 5)

    def test_senders_without_a_known_address_share_a_higher_limit(self):
        self.flood(MAX_WAITING_UNKNOWN + 50, ip="")
        self.assertEqual(self.waiting(), MAX_WAITING_UNKNOWN)
        self.hit(self.delivered.links["prices"], ip="192.0.2.7")
        self.assertEqual(self.waiting(), MAX_WAITING_UNKNOWN + 1)

    def test_ipv6_network_is_one_sender(self):
        for number in range(MAX_WAITING + 50):
            self.flood(1, ip=f"2001:db8:1:2::{number:x}")
        self.assertEqual(self.waiting(), MAX_WAITING)
        self.flood(1, ip="2001:db8:1:3::1")
        self.assertEqual(self.waiting(), MAX_WAITING + 1)

    def test_waiting_hits_of_one_email_are_limited(self):
        self.fill_queue(self.trackable, MAX_WAITING_EMAIL - 1)
        self.flood(1, ip="192.0.2.7")
        self.assertEqual(self.waiting(), MAX_WAITING_EMAIL)
        self.flood(1, ip="192.0.2.8")
        self.flood(1, ip="192.0.2.9", name=None)
        self.assertEqual(self.waiting(), MAX_WAITING_EMAIL)
        # Other emails have separate limits.
        delivered, _other = self.send("<p>Hello</p>")
        self.hit(delivered.image_urls[0], ip="192.0.2.7")
        self.assertEqual(self.waiting(), MAX_WAITING_EMAIL + 1)

    def test_hits_set_aside_do_not_count_as_waiting(self):
        self.flood(MAX_WAITING)
        self.env["trackable.hit"].search([]).error = "ValueError: x"
        self.env.flush_all()
        self.flood(1)
        self.assertEqual(self.waiting(error=False), 1)

    def fill_queue(self, trackable, count):
        """Append hits, each from another address, to the queue."""
        self.env.cr.execute(
            """
            INSERT INTO trackable_hit (trackable_email_id, occurred_at, method, ip,
                                       ip_subscriber, user_agent, purpose)
            SELECT %s, now() AT TIME ZONE 'UTC', 'GET', ip, ip, 'x', ''
              FROM (SELECT '198.18.' || n / 250 || '.' || n %% 250 AS ip
                      FROM generate_series(1, %s) n) addresses
            """,
            [trackable.id, count],
        )

    def test_processed_hits_make_room_in_the_queue(self):
        self.flood(MAX_WAITING + 1)
        self.assertEqual(self.process(), MAX_WAITING)
        self.flood(1)
        self.assertEqual(self.waiting(), 1)

    # ------------------------------------------------------------
    # The actions
    # ------------------------------------------------------------

    def test_identical_requests_are_folded_and_counted(self):
        self.flood(MAX_WAITING)
        self.process()
        actions = self.actions(kind="click")
        self.assertEqual(len(actions), LIMIT)
        self.assertEqual(sum(actions.mapped("hit_count")), MAX_WAITING)
        self.assertEqual(max(actions.mapped("hit_count")), MAX_WAITING - LIMIT + 1)
        self.assertCounts(self.trackable, opens=1, clicks=LIMIT)

    def test_identical_requests_in_several_batches(self):
        for _round in range(4):
            self.flood(LIMIT - 1)
            self.process()
        actions = self.actions(kind="click")
        self.assertEqual(len(actions), LIMIT)
        self.assertEqual(sum(actions.mapped("hit_count")), 4 * (LIMIT - 1))
        self.assertCounts(self.trackable, opens=1, clicks=LIMIT)
        # A later request is not part of the flood.
        self.wait(3600)
        self.flood(1)
        self.process()
        self.assertEqual(len(self.actions(kind="click")), LIMIT + 1)

    def test_different_requests_are_not_folded(self):
        self.flood(2, method="HEAD")
        self.flood(MAX_WAITING - 2)
        self.flood(2, user_agent=OUTLOOK, ip="192.0.2.7")
        self.flood(2, name=None)
        self.process()
        self.assertEqual(len(self.actions(user_agent=OUTLOOK)), 2)
        self.assertEqual(len(self.actions(reason="head")), 2)
        self.assertEqual(len(self.actions(kind="open", user_agent=CHROME)), 2)

    def test_requests_up_to_the_limit_are_not_folded(self):
        self.flood(LIMIT)
        self.process()
        actions = self.actions(kind="click")
        self.assertEqual(actions.mapped("hit_count"), [1] * LIMIT)

    def test_flood_with_changing_user_agents(self):
        """The number of actions is limited, and every request is counted."""
        for number in range(LIMIT_OF_EMAIL // LIMIT + 3):
            for n in range(LIMIT):
                self.flood(1, user_agent=f"{CHROME} {number} {n}", ip=f"192.0.2.{n}")
            self.process()
        clicks = self.actions(kind="click")
        self.assertLessEqual(len(clicks), LIMIT_OF_EMAIL + LIMIT)
        self.assertEqual(
            sum(clicks.mapped("hit_count")), (LIMIT_OF_EMAIL // LIMIT + 3) * LIMIT
        )
        # A request by another actor gets a separate action.
        self.flood(1, method="HEAD")
        self.process()
        self.assertEqual(len(self.actions(reason="head")), 1)
        # A later request gets a separate action.
        self.wait(3600)
        self.flood(1, user_agent=OUTLOOK)
        self.process()
        self.assertEqual(len(self.actions(user_agent=OUTLOOK)), 1)

    def test_flood_with_changing_links_methods_and_user_agents(self):
        """The limit is for the whole email, not for each URL."""
        names = [None, *LINKS]
        for number in range(2 * LIMIT_OF_EMAIL):
            self.flood(
                1,
                name=names[number % len(names)],
                user_agent=f"{CHROME} {number}",
                ip=f"192.0.2.{number % 250}",
                method=("GET", "HEAD")[number // len(names) % 2],
            )
            if number % 200 == 199:
                self.process()
        actions = self.trackable.action_ids
        self.assertLessEqual(len(actions), LIMIT_OF_EMAIL + 2 * len(names))
        self.assertGreaterEqual(len(actions), LIMIT_OF_EMAIL)
        self.assertEqual(sum(actions.mapped("hit_count")), 2 * LIMIT_OF_EMAIL)

    def test_reload_in_a_flood_is_a_repeat(self):
        for number in range(LIMIT_OF_EMAIL):
            self.flood(1, name=None, user_agent=f"{CHROME} {number}", ip="")
        self.process()
        self.flood(2, name=None, user_agent=f"{CHROME} 0", ip="")
        self.process()
        opens = self.actions(kind="open")
        self.assertEqual(len(opens.filtered(lambda action: not action.is_repeat)), 500)

    def test_flood_does_not_hide_a_burst(self):
        """A scanner that floods one link and then follows all links is detected."""
        self.flood(LIMIT + 20)
        self.process()
        self.assertEqual(set(self.actions(kind="click").mapped("actor")), {"recipient"})
        self.click(*LINKS[1:], user_agent=CHROME)
        self.process()
        self.assertEqual({reason for _k, _a, reason in self.actors()}, {"burst"})
        self.assertCounts(self.trackable, opens=0, clicks=0)

    def test_flood_does_not_affect_another_email(self):
        delivered, other = self.send("<p>Hello</p>")
        self.hit(delivered.image_urls[0])
        self.flood(MAX_WAITING, name=None)
        self.process()
        self.assertCounts(other, opens=1, clicks=0)
        self.assertCounts(self.trackable, opens=1, clicks=0)  # repeats do not count
