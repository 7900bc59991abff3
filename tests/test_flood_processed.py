"""What becomes of a flood: the queue holds some of it, and the actions fewer."""

from odoo.tests import tagged

from odoo.addons.pipeline_tracking.tools.flood import LIMIT
from odoo.addons.pipeline_tracking.tools.hit_sql import (
    MAX_WAITING,
    MAX_WAITING_UNKNOWN,
)

from .holding import LINKS, HoldCase
from .user_agents import CHROME, OUTLOOK

FLOODER = "203.0.113.66"


@tagged("post_install", "-at_install")
class TestFloodProcessed(HoldCase):
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
        self.flood(MAX_WAITING - 2)
        self.flood(2, user_agent=OUTLOOK, ip="192.0.2.7")
        self.flood(2, method="HEAD")
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
