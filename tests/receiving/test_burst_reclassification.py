"""All requests of a burst are automated, even if they were classified before."""

from datetime import date, datetime, time, timedelta

from odoo.tests import tagged

from ..helpers.held_clicks_case import BODY, LINKS, HeldClicksCase
from ..helpers.user_agents import OUTLOOK


@tagged("post_install", "-at_install")
class TestBurst(HeldClicksCase):
    def test_scanner_that_follows_every_link(self):
        self.scan()
        self.wait_and_process()
        self.assertEqual(
            self.actors(),
            [("open", "machine", "burst"), *[("click", "machine", "burst")] * 4],
        )
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertFalse(self.entries(self.customer) + self.entries(self.lead))
        # The person follows, in another network.
        self.hit(self.image, ip="198.51.100.7")
        self.wait(3)
        self.click("prices", ip="198.51.100.7")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEntry("opened “Proposal”, clicked “prices” ·")

    def test_clicks_on_deleted_links(self):
        """All deleted links count as one link, in one batch and in several."""
        for is_one_batch in (True, False):
            delivered, trackable = self.send(BODY)
            self.wait(3600)
            for name in LINKS:
                self.hit(delivered.links[name])
            links = self.env["trackable.link"].search([], order="id desc", limit=4)
            self.assertEqual(set(links.mapped("label")), set(LINKS))
            links.unlink()
            if is_one_batch:
                self.hit(delivered.image_urls[0])
            self.wait_and_process()
            if not is_one_batch:
                self.hit(delivered.image_urls[0])
                self.wait_and_process()
            self.assertCounts(trackable, opens=1, clicks=4)

    def test_counted_open_is_corrected_by_a_burst(self):
        """Opens are not held: the open counts before the burst is detected."""
        self.hit(self.image)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEntry("opened “Proposal” ·")
        self.assertEqual(len(self.entries(self.lead)), 1)
        self.click(*LINKS)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertFalse(self.trackable.first_open_date)
        self.assertFalse(self.trackable.last_open_date)
        self.assertFalse(self.entries(self.customer) + self.entries(self.lead))
        self.assertEqual(self.actors()[0], ("open", "machine", "burst"))

    def test_earlier_clicks_are_corrected_by_a_burst(self):
        self.hold(1)
        self.click("prices")
        self.wait(1)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEntry("clicked “prices” ·")
        self.click(*LINKS[1:])
        self.wait(1)
        self.process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(self.actors(), [("click", "machine", "burst")] * 4)
        self.assertFalse(self.entries(self.customer))

    def test_actions_of_a_person_on_the_same_day_stay_in_the_chatter(self):
        self.hit(self.image)
        self.click("terms")
        self.wait_and_process()
        self.wait(600)
        self.hit(self.image)
        self.process()
        self.assertEntry("opened “Proposal” 2×,")
        self.click(*LINKS)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEntry("opened “Proposal”, clicked “terms” ·")
        self.assertNotIn("prices", self.entry_text(self.lead))

    def test_entry_has_the_date_of_its_first_counted_action(self):
        self.trackable.user_id.tz = False  # days are in UTC
        noon = datetime.combine(date.today() - timedelta(days=2), time(12))
        for minutes, names in ((0, ()), (0.01, LINKS), (30, ())):
            if not names:
                self.hit(self.image)
            self.click(*names)
            self.env.cr.execute(
                "UPDATE trackable_hit SET occurred_at = %s",
                [noon + timedelta(minutes=minutes)],
            )
            self.env.invalidate_all()
            self.process()
        (entry,) = self.entries(self.customer)
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEqual(entry.date, noon + timedelta(minutes=30))

    def test_repeat_gets_the_reason_of_the_burst(self):
        self.hit(self.image)
        self.wait(6)
        self.hit(self.image)
        self.process()
        repeat = self.trackable.action_ids.filtered("is_repeat")
        self.assertIn("not counted again", repeat.why)
        self.click(*LINKS)
        self.wait_and_process()
        self.assertFalse(repeat.is_repeat)
        self.assertIn("Several links followed at once", repeat.why)

    def test_prefetched_links_are_not_a_burst(self):
        self.click(*LINKS[1:], purpose="prefetch")
        self.click("prices")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_held_clicks_reveal_a_burst(self):
        """An open near held clicks does not count, although the clicks are not due."""
        self.scan()
        self.assertEqual(self.process(), 1)
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(self.actors(), [("open", "machine", "burst")])
        self.assertFalse(self.entries(self.customer))

    def test_slow_clicks_are_not_a_burst(self):
        for name in LINKS[:3]:
            self.click(name)
            self.wait(3)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=3)

    def test_every_link_in_turn_is_a_slow_scan(self):
        for name in LINKS:
            self.click(name)
            self.wait(3)
            self.wait_and_process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(self.actors(), [("click", "machine", "slow-scan")] * 4)
        self.assertFalse(self.entries(self.customer))

    def test_head_requests_reveal_a_burst(self):
        """A scanner checks some links with HEAD, and then follows another link."""
        self.click("prices", "terms", method="HEAD")
        self.click("about us")
        self.wait_and_process()
        self.assertEqual(
            sorted(self.actors()),
            [
                ("click", "machine", "burst"),
                ("click", "machine", "head"),
                ("click", "machine", "head"),
            ],
        )

    def test_clicks_of_a_colleague_are_not_a_burst(self):
        self.company.tracking_own_networks = "198.51.100.0/24"
        self.click(*LINKS[1:], ip="198.51.100.7")
        self.click("prices")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_open_by_a_mail_client_is_not_part_of_a_burst(self):
        self.hit(self.image, user_agent=OUTLOOK)
        self.click(*LINKS)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=0)

    def test_actions_long_before_a_burst_do_not_change(self):
        self.hit(self.image)
        self.wait_and_process()
        self.wait(60)
        history = self.trackable.action_ids
        self.click(*LINKS)
        self.wait_and_process()
        self.assertEqual(history.reason, "direct")

    def test_links_of_two_emails_are_not_a_burst(self):
        other_delivered, other = self.send(BODY, record=self.customer)
        self.click("prices", "terms")
        self.hit(other_delivered.links["about us"])
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=2)
        self.assertCounts(other, opens=1, clicks=1)

    @property
    def company(self):
        return self.trackable.company_id
