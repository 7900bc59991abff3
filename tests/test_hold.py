"""Clicks are held until a burst could have shown itself, and verdicts are corrected."""

from datetime import timedelta

from odoo.tests import tagged

from .common import TrackingCase
from .user_agents import CHROME, OUTLOOK

HOLD = 15
LINKS = ("prices", "terms", "about us", "contact")
BODY = "".join(
    f'<p><a href="https://shop.example.net/{name}">{name}</a></p>' for name in LINKS
)


class HoldCase(TrackingCase):
    def setUp(self):
        super().setUp()
        self.hold(HOLD)
        self.delivered, self.trackable = self.send(BODY)
        self.image = self.delivered.image_urls[0]
        self.wait(3600)  # it was sent a while ago

    def click(self, *names, **values):
        for name in names:
            self.hit(self.delivered.links[name], **values)

    def scan(self):
        """A scanner loads the image and follows every link."""
        self.hit(self.image)
        self.click(*LINKS)

    def wait_and_process(self):
        self.wait(HOLD)
        return self.process()

    def actors(self):
        """Kind, actor and reason of the actions, oldest first."""
        return [
            (action.kind, action.actor, action.reason)
            for action in self.trackable.action_ids.sorted("occurred_at")
        ]

    def assertEntry(self, *words):
        text = self.entry_text(self.customer)
        for word in words:
            self.assertIn(word, text)


@tagged("post_install", "-at_install")
class TestHold(HoldCase):
    def test_a_click_is_the_recipients_only_after_the_hold(self):
        self.click("prices")
        self.assertEqual(self.process(), 0)
        self.assertFalse(self.trackable.action_ids)
        self.assertFalse(self.entries(self.customer))
        self.wait(HOLD - 2)
        self.assertEqual(self.process(), 0)
        self.wait(2)
        self.assertEqual(self.process(), 1)
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEntry("Clicked prices")

    def test_an_open_is_not_held(self):
        self.click("prices")
        self.hit(self.image)
        self.assertEqual(self.process(), 1)
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEqual(len(self.env["trackable.hit"].search([])), 1)

    def test_how_long_is_the_companys_setting(self):
        self.click("prices")
        self.wait(5)
        self.hold(6)
        self.assertEqual(self.process(), 0)
        self.hold(5)
        self.assertEqual(self.process(), 1)
        self.trackable.company_id = False  # whose company is gone
        self.click("prices")
        self.wait(HOLD - 1)
        self.assertEqual(self.process(), 0)
        self.wait(1)
        self.assertEqual(self.process(), 1)

    def test_the_job_runs_again_when_the_first_is_due(self):
        cron = self.env.ref("pipeline_tracking.ir_cron_process_hits")
        Trigger = self.env["ir.cron.trigger"]
        own = [("cron_id", "=", cron.id)]
        Trigger.search(own).unlink()
        self.click("prices")
        self.wait(5)
        self.click("terms")
        Hit = self.env["trackable.hit"]
        for _run in range(2):
            Hit._schedule_held()
            (trigger,) = Trigger.search(own)
            due = min(Hit.search([]).mapped("occurred_at")) + timedelta(seconds=HOLD)
            self.assertLessEqual(due, trigger.call_at)
            self.assertLessEqual(trigger.call_at, due + timedelta(seconds=1))
        Trigger.search(own).unlink()
        self.wait_and_process()
        Hit._schedule_held()
        self.assertFalse(Trigger.search(own), "nothing is held any more")


@tagged("post_install", "-at_install")
class TestBurst(HoldCase):
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

    def test_what_was_judged_before_is_corrected(self):
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
        self.assertNotIn("prices", self.entry_text(self.customer))

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


@tagged("post_install", "-at_install")
class TestRepeats(HoldCase):
    def test_reloading_is_one_open_and_every_hit_is_kept(self):
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
        self.assertEntry("Opened at")
        self.wait(10)
        self.hit(self.image)
        self.process()
        self.assertCounts(self.trackable, opens=2, clicks=0)
        self.assertEntry("Opened 2 times")

    def test_in_one_batch(self):
        self.hit(self.image)
        self.hit(self.image)
        self.hit(self.image, user_agent=OUTLOOK)
        self.process()
        self.assertCounts(self.trackable, opens=2, clicks=0)

    def test_how_long_is_the_companys_setting(self):
        company = self.trackable.company_id
        for seconds, opens in ((0, 2), (60, 3)):
            company.tracking_repeat_seconds = seconds
            self.hit(self.image)
            self.wait(30)
            self.hit(self.image)
            self.process()
            self.assertCounts(self.trackable, opens=opens, clicks=0)
            self.wait(3600)

    def test_a_persons_open_is_no_repeat_of_a_scanners(self):
        self.hit(self.image)
        self.process()
        self.wait(5)
        self.hit(self.image)  # with a program of the same name
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        # the first turns out to be a scanner's
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
class TestInferred(HoldCase):
    def test_a_click_without_an_open(self):
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
        self.assertEntry("Clicked prices", "no image was loaded")
        self.click("terms")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=2)

    def test_with_an_open_none_is_inferred(self):
        self.hit(self.image)
        self.wait(2)
        self.click("prices")
        self.wait_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertNotIn("inferred", self.trackable.action_ids.mapped("reason"))

    def test_the_image_comes_a_moment_later(self):
        self.click("prices")
        self.wait_and_process()
        self.assertEntry("no image was loaded")
        self.hit(self.image)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertNotIn("inferred", self.trackable.action_ids.mapped("reason"))
        self.assertNotIn("no image was loaded", self.entry_text(self.customer))

    def test_opened_again_later(self):
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

    def test_it_goes_with_what_showed_it(self):
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
