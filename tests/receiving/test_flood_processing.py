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

    def test_the_queue_is_bounded(self):
        self.flood(MAX_WAITING + 50)
        self.assertEqual(self.waiting(), MAX_WAITING)
        # for the image, each other link, and each other email it is another matter
        self.flood(3, name=None)
        self.flood(3, name="terms")
        self.assertEqual(self.waiting(), MAX_WAITING + 6)
        delivered, _other = self.send("<p>Hello</p>")
        self.hit(delivered.image_urls[0], ip=FLOODER)
        self.assertEqual(self.waiting(), MAX_WAITING + 7)

    def test_many_heads_do_not_hide_a_get(self):
        self.flood(MAX_WAITING, method="HEAD")
        self.assertEqual(self.waiting(), MAX_WAITING // HEAD_SHARE)
        self.flood(1)
        self.assertEqual(self.waiting(method="GET"), 1)
        # a HEAD or two, after others have clicked, are recorded
        delivered, _other = self.send("<p>Hello</p>")
        self.hit(delivered.image_urls[0], method="HEAD")
        self.assertEqual(self.waiting(), MAX_WAITING // HEAD_SHARE + 2)

    def test_nobody_elses_hits_are_lost(self):
        for _round in range(5):
            self.flood(MAX_WAITING // 4)
            self.hit(self.delivered.links["prices"], ip="192.0.2.7")
            self.hit(self.image, ip=FLOODER)
        self.assertEqual(self.waiting(ip="192.0.2.7"), 5)
        self.assertEqual(self.waiting(ip=FLOODER), MAX_WAITING + 5)

    def test_where_the_address_is_not_known_it_may_be_many_peoples(self):
        self.flood(MAX_WAITING_UNKNOWN + 50, ip="")
        self.assertEqual(self.waiting(), MAX_WAITING_UNKNOWN)
        self.hit(self.delivered.links["prices"], ip="192.0.2.7")
        self.assertEqual(self.waiting(), MAX_WAITING_UNKNOWN + 1)

    def test_an_ipv6_network_is_one_sender(self):
        for number in range(MAX_WAITING + 50):
            self.flood(1, ip=f"2001:db8:1:2::{number:x}")
        self.assertEqual(self.waiting(), MAX_WAITING)
        self.flood(1, ip="2001:db8:1:3::1")
        self.assertEqual(self.waiting(), MAX_WAITING + 1)

    def test_what_waits_of_one_email_is_bounded_whatever_the_address(self):
        self.fill_queue(self.trackable, MAX_WAITING_EMAIL - 1)
        self.flood(1, ip="192.0.2.7")
        self.assertEqual(self.waiting(), MAX_WAITING_EMAIL)
        self.flood(1, ip="192.0.2.8")
        self.flood(1, ip="192.0.2.9", name=None)
        self.assertEqual(self.waiting(), MAX_WAITING_EMAIL)
        # other emails have bounds of their own
        delivered, _other = self.send("<p>Hello</p>")
        self.hit(delivered.image_urls[0], ip="192.0.2.7")
        self.assertEqual(self.waiting(), MAX_WAITING_EMAIL + 1)

    def test_what_was_set_aside_does_not_wait(self):
        self.flood(MAX_WAITING)
        self.env["trackable.hit"].search([]).error = "ValueError: x"
        self.env.flush_all()
        self.flood(1)
        self.assertEqual(self.waiting(error=False), 1)

    def fill_queue(self, trackable, count):
        """Have hits from as many addresses wait."""
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

    def test_there_is_room_again_once_it_is_processed(self):
        self.flood(MAX_WAITING + 1)
        self.assertEqual(self.process(), MAX_WAITING)
        self.flood(1)
        self.assertEqual(self.waiting(), 1)

    # ------------------------------------------------------------
    # The actions
    # ------------------------------------------------------------

    def test_the_actions_are_bounded_and_tell_their_number(self):
        self.flood(MAX_WAITING)
        self.process()
        actions = self.actions(kind="click")
        self.assertEqual(len(actions), LIMIT)
        self.assertEqual(sum(actions.mapped("hit_count")), MAX_WAITING)
        self.assertEqual(max(actions.mapped("hit_count")), MAX_WAITING - LIMIT + 1)
        self.assertCounts(self.trackable, opens=1, clicks=LIMIT)

    def test_they_are_bounded_however_often_it_comes(self):
        for _round in range(4):
            self.flood(LIMIT - 1)
            self.process()
        actions = self.actions(kind="click")
        self.assertEqual(len(actions), LIMIT)
        self.assertEqual(sum(actions.mapped("hit_count")), 4 * (LIMIT - 1))
        self.assertCounts(self.trackable, opens=1, clicks=LIMIT)
        # later, it is something new
        self.wait(3600)
        self.flood(1)
        self.process()
        self.assertEqual(len(self.actions(kind="click")), LIMIT + 1)

    def test_what_is_not_the_same_stands_by_itself(self):
        self.flood(2, method="HEAD")
        self.flood(MAX_WAITING - 2)
        self.flood(2, user_agent=OUTLOOK, ip="192.0.2.7")
        self.flood(2, name=None)
        self.process()
        self.assertEqual(len(self.actions(user_agent=OUTLOOK)), 2)
        self.assertEqual(len(self.actions(reason="head")), 2)
        self.assertEqual(len(self.actions(kind="open", user_agent=CHROME)), 2)

    def test_what_is_no_flood_is_one_each(self):
        self.flood(LIMIT)
        self.process()
        actions = self.actions(kind="click")
        self.assertEqual(actions.mapped("hit_count"), [1] * LIMIT)

    def test_programs_that_change_each_time_are_one_flood(self):
        """The actions are bounded all the same, and each request is counted."""
        for number in range(LIMIT_OF_EMAIL // LIMIT + 3):
            for n in range(LIMIT):
                self.flood(1, user_agent=f"{CHROME} {number} {n}", ip=f"192.0.2.{n}")
            self.process()
        clicks = self.actions(kind="click")
        self.assertLessEqual(len(clicks), LIMIT_OF_EMAIL + LIMIT)
        self.assertEqual(
            sum(clicks.mapped("hit_count")), (LIMIT_OF_EMAIL // LIMIT + 3) * LIMIT
        )
        # a colleague, or a machine, among them stands by itself
        self.flood(1, method="HEAD")
        self.process()
        self.assertEqual(len(self.actions(reason="head")), 1)
        # later, a program is one again
        self.wait(3600)
        self.flood(1, user_agent=OUTLOOK)
        self.process()
        self.assertEqual(len(self.actions(user_agent=OUTLOOK)), 1)

    def test_links_and_methods_that_change_as_well_are_one_flood(self):
        """The bound is of the email, and not of each of its URLs."""
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

    def test_a_reload_in_a_flood_is_a_repeat(self):
        for number in range(LIMIT_OF_EMAIL):
            self.flood(1, name=None, user_agent=f"{CHROME} {number}", ip="")
        self.process()
        self.flood(2, name=None, user_agent=f"{CHROME} 0", ip="")
        self.process()
        opens = self.actions(kind="open")
        self.assertEqual(len(opens.filtered(lambda action: not action.is_repeat)), 500)

    def test_a_flood_hides_no_burst(self):
        """A scanner that repeats itself is one all the same, at once and later."""
        self.flood(LIMIT + 20)
        self.process()
        self.assertEqual(set(self.actions(kind="click").mapped("actor")), {"recipient"})
        self.click(*LINKS[1:], user_agent=CHROME)
        self.process()
        self.assertEqual({reason for _k, _a, reason in self.actors()}, {"burst"})
        self.assertCounts(self.trackable, opens=0, clicks=0)

    def test_an_email_nobody_floods_is_as_it_was(self):
        delivered, other = self.send("<p>Hello</p>")
        self.hit(delivered.image_urls[0])
        self.flood(MAX_WAITING, name=None)
        self.process()
        self.assertCounts(other, opens=1, clicks=0)
        self.assertCounts(self.trackable, opens=1, clicks=0)  # all the same one
