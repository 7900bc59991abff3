"""Requests of a burst are classified as a machine's, also those classified before."""

from datetime import date, datetime, time, timedelta

from odoo.tests import tagged

from ..helpers.held_clicks_case import BODY, LINKS, HeldClicksCase
from ..helpers.user_agents import OUTLOOK


@tagged("post_install", "-at_install")
class TestBurst(HeldClicksCase):
    def test_a_scanner_follows_every_link(self):
        self.scan()
        self.wait_and_process()
        self.assertEqual(
            self.actors(),
            [("open", "machine", "burst"), *[("click", "machine", "burst")] * 4],
        )
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertFalse(self.entries(self.customer) + self.entries(self.lead))
        # then the person
        self.hit(self.image)
        self.wait(3)
        self.click("prices")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEntry("Opened at", "Clicked prices")

    def test_an_open_that_was_shown_is_taken_back(self):
        """The image came first, and counted at once: opens are not held."""
        self.hit(self.image)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEntry("Opened")
        self.assertEqual(len(self.entries(self.lead)), 1)
        self.click(*LINKS)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertFalse(self.trackable.first_open_date)
        self.assertFalse(self.trackable.last_open_date)
        self.assertFalse(self.entries(self.customer) + self.entries(self.lead))
        self.assertEqual(self.actors()[0], ("open", "machine", "burst"))

    def test_earlier_classifications_are_corrected(self):
        self.hold(1)
        self.click("prices")
        self.wait(1)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEntry("Clicked prices")
        self.click(*LINKS[1:])
        self.wait(1)
        self.process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(self.actors(), [("click", "machine", "burst")] * 4)
        self.assertFalse(self.entries(self.customer))

    def test_a_person_of_the_same_day_stays_in_the_chatter(self):
        self.hit(self.image)
        self.click("terms")
        self.wait_and_process()
        self.wait(600)
        self.hit(self.image)
        self.process()
        self.assertEntry("Opened 2 times")
        self.click(*LINKS)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEntry("Opened at", "Clicked terms")
        self.assertNotIn("prices", self.entry_text(self.lead))

    def test_an_entry_is_as_old_as_what_it_tells(self):
        self.trackable.user_id.tz = False  # days of UTC
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

    def test_an_open_that_was_a_repeat_says_why_it_counts_no_more(self):
        self.hit(self.image)
        self.wait(6)
        self.hit(self.image)
        self.process()
        repeat = self.trackable.action_ids.filtered("is_repeat")
        self.assertIn("counts once", repeat.why)
        self.click(*LINKS)
        self.wait_and_process()
        self.assertFalse(repeat.is_repeat)
        self.assertEqual(repeat.why, "Several links at once, as scanners follow them")

    def test_a_browser_that_is_ahead_of_its_person_convicts_nobody(self):
        self.click(*LINKS[1:], purpose="prefetch")
        self.click("prices")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_held_clicks_are_evidence_already(self):
        """The open in their midst never shows, though they are not due."""
        self.scan()
        self.assertEqual(self.process(), 1)
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(self.actors(), [("open", "machine", "burst")])
        self.assertFalse(self.entries(self.customer))

    def test_one_by_one_is_a_person(self):
        for name in LINKS:
            self.click(name)
            self.wait(3)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=4)

    def test_heads_are_evidence(self):
        """A scanner asks first, and then follows one."""
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

    def test_a_colleagues_haste_convicts_nobody(self):
        self.company.tracking_own_networks = "198.51.100.0/24"
        self.click(*LINKS[1:], ip="198.51.100.7")
        self.click("prices")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_images_that_people_ask_for_stay_theirs(self):
        self.hit(self.image, user_agent=OUTLOOK)
        self.click(*LINKS)
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=0)

    def test_only_what_was_corrected_is_told_anew(self):
        self.hit(self.image)
        self.wait_and_process()
        self.wait(60)
        history = self.trackable.action_ids
        self.assertFalse(history._reclassify({self.trackable: []}))
        self.click(*LINKS)
        self.wait_and_process()
        self.assertEqual(history.reason, "direct")

    def test_another_email_is_another_matter(self):
        _delivered, other = self.send(BODY, record=self.customer)
        self.click("prices", "terms")
        self.hit(_delivered.links["about us"])
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=2)
        self.assertCounts(other, opens=1, clicks=1)

    @property
    def company(self):
        return self.trackable.company_id
