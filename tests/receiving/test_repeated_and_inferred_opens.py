"""Reloads count as one open; clicks and replies imply an open without an image."""

from datetime import timedelta

from odoo.tests import tagged

from ..helpers.held_clicks_case import BODY, LINKS, HeldClicksCase
from ..helpers.user_agents import APPLE_MPP, CHROME, OUTLOOK


@tagged("post_install", "-at_install")
class TestRepeats(HeldClicksCase):
    def test_reloads_are_stored_and_count_once(self):
        for _time in range(3):
            self.hit(self.image)
            self.wait(4)
            self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEqual(self.trackable.raw_open_count, 3)
        self.assertEqual(
            self.trackable.action_ids.sorted("occurred_at").mapped("is_repeat"),
            [False, True, True],
        )
        self.assertEntry("opened “Proposal” ·")
        self.wait(10)
        self.hit(self.image)
        self.process()
        self.assertCounts(self.trackable, opens=2, clicks=0)
        self.assertEntry("opened “Proposal” 2× ·")

    def test_reloads_in_one_batch(self):
        self.hit(self.image)
        self.hit(self.image)
        self.hit(self.image, user_agent=OUTLOOK)
        self.process()
        self.assertCounts(self.trackable, opens=2, clicks=0)

    def test_reloads_of_a_possible_open_count_once(self):
        for _time in range(3):
            self.hit(self.image, user_agent=APPLE_MPP)
        self.process()
        self.assertEqual(self.trackable.unknown_open_count, 1)
        self.assertEqual(self.trackable.raw_open_count, 3)

    def test_company_sets_the_repeat_window(self):
        company = self.trackable.company_id
        for seconds, opens in ((0, 2), (60, 3)):
            company.tracking_repeat_seconds = seconds
            self.hit(self.image)
            self.wait(30)
            self.hit(self.image)
            self.process()
            self.assertCounts(self.trackable, opens=opens, clicks=0)
            # longer than `HISTORY_MARGIN`: a new window also applies to recent opens
            self.wait(2 * 3600)

    def test_open_after_a_scanners_open_is_not_a_repeat(self):
        self.hit(self.image)
        self.process()
        self.wait(5)
        self.hit(self.image)  # with the same user agent
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        # A burst shows that the first open was a scanner's.
        self.click(*LINKS)
        self.env.cr.execute(
            "UPDATE trackable_hit SET occurred_at = occurred_at - interval '5 seconds'"
        )
        self.wait_and_process()
        self.assertEqual(
            self.actors()[-1], ("open", "recipient", "direct"), self.actors()
        )
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertFalse(self.trackable.action_ids.sorted("occurred_at")[-1].is_repeat)


@tagged("post_install", "-at_install")
class TestInferred(HeldClicksCase):
    def test_click_without_an_open(self):
        self.click("prices")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEqual(
            sorted(self.actors()),
            [("click", "recipient", "direct"), ("open", "recipient", "inferred")],
        )
        inferred = self.trackable.action_ids.filtered(lambda a: a.kind == "open")
        click = self.trackable.action_ids - inferred
        self.assertEqual(inferred.occurred_at, click.occurred_at)
        self.assertEqual(self.trackable.first_open_date, click.occurred_at)
        self.assertEqual(self.trackable.raw_open_count, 0, "no image was loaded")
        self.assertEntry("opened “Proposal” (inferred), clicked “prices” ·")
        self.click("terms")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=2)

    def test_confidence_of_an_inferred_open(self):
        """The open is not surer than the click that implies it."""

        def get_confidence():
            by_kind = self.trackable.action_ids.grouped("kind")
            return by_kind["click"].confidence, by_kind["open"].confidence

        self.trackable.sent_date += timedelta(minutes=59, seconds=20)
        self.click("prices")
        self.wait_and_process()
        self.assertEqual(get_confidence(), ("low", "low"))
        # More clicks that imply the same open do not change it.
        self.click("terms")
        self.wait_and_process()
        [inferred] = self.trackable.action_ids.filtered(lambda a: a.kind == "open")
        self.assertEqual(inferred.confidence, "low")
        # A later request can make the click surer.
        click = self.trackable.action_ids.filtered(
            lambda action: (
                action.kind == "click" and action.occurred_at == inferred.occurred_at
            )
        )
        click.confidence = "high"
        self.trackable._recompute_counters(click)
        self.assertEqual(inferred.confidence, "medium")

    def test_inferred_opens_of_two_emails_in_one_batch(self):
        self.click("prices")
        self.wait_and_process()
        delivered, other = self.send(BODY, record=self.customer)
        self.click("terms")
        self.hit(delivered.links["prices"])
        self.wait_and_process()
        for trackable in (self.trackable, other):
            self.assertEqual(
                trackable.action_ids.mapped("reason").count("inferred"), 1, trackable
            )
        self.assertCounts(self.trackable, opens=1, clicks=2)
        self.assertCounts(other, opens=1, clicks=1)
        bodies = [entry.body for entry in self.entries(self.customer)]
        self.assertEqual(len(bodies), 2)
        self.assertTrue(all("(inferred)" in body for body in bodies))

    def test_no_open_is_inferred_after_an_open(self):
        self.hit(self.image)
        self.wait(2)
        self.click("prices")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertNotIn("inferred", self.trackable.action_ids.mapped("reason"))

    def test_image_shortly_after_a_click_replaces_the_inferred_open(self):
        self.click("prices")
        self.wait_and_process()
        self.assertEntry("(inferred)")
        self.hit(self.image)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertNotIn("inferred", self.trackable.action_ids.mapped("reason"))
        self.assertNotIn("(inferred)", self.entry_text(self.customer))

    def test_open_long_after_a_click(self):
        self.click("prices")
        self.wait_and_process()
        first = self.trackable.first_open_date
        self.hit(self.image, user_agent=CHROME)
        self.env.cr.execute(
            "UPDATE trackable_hit SET occurred_at = occurred_at + interval '1 hour'"
        )
        self.process()
        self.assertCounts(self.trackable, opens=2, clicks=1)
        self.assertEqual(self.trackable.first_open_date, first)
        self.assertGreater(self.trackable.last_open_date, first)

    def test_inferred_open_is_deleted_with_its_click(self):
        self.hold(1)
        self.click("prices")
        self.wait(1)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.click(*LINKS[1:])
        self.wait(1)
        self.process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertNotIn("inferred", self.trackable.action_ids.mapped("reason"))
