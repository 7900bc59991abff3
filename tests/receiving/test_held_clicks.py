"""Clicks are held, so that a burst can be detected before they count."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..helpers.held_clicks_case import HOLD, HeldClicksCase


@tagged("post_install", "-at_install")
class TestHeldClicks(HeldClicksCase):
    def test_click_counts_after_the_hold(self):
        self.click("prices")
        self.assertEqual(self.process(), 0)
        self.assertFalse(self.trackable.action_ids)
        self.assertFalse(self.entries(self.customer))
        self.wait(HOLD - 2)
        self.assertEqual(self.process(), 0)
        self.wait(2)
        self.assertEqual(self.process(), 1)
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEntry("clicked “prices”")

    def test_open_is_not_held(self):
        self.click("prices")
        self.hit(self.image)
        self.assertEqual(self.process(), 1)
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEqual(len(self.env["trackable.hit"].search([])), 1)

    def test_company_sets_the_hold(self):
        self.click("prices")
        self.wait(5)
        self.hold(6)
        self.assertEqual(self.process(), 0)
        self.hold(5)
        self.assertEqual(self.process(), 1)
        self.trackable.company_id = False  # the company was deleted
        self.click("prices")
        self.wait(HOLD - 1)
        self.assertEqual(self.process(), 0)
        self.wait(1)
        self.assertEqual(self.process(), 1)

    def test_job_is_scheduled_for_the_first_due_click(self):
        cron = self.env.ref("pipeline_tracking.ir_cron_process_hits")
        Trigger = self.env["ir.cron.trigger"]
        domain = [("cron_id", "=", cron.id)]
        Trigger.search(domain).unlink()
        self.click("prices")
        self.wait(5)
        self.click("terms")
        Hit = self.env["trackable.hit"]
        for _run in range(2):
            Hit._schedule_next_run()
            (trigger,) = Trigger.search(domain)
            due = min(Hit.search([]).mapped("occurred_at")) + timedelta(seconds=HOLD)
            self.assertLessEqual(due, trigger.call_at)
            self.assertLessEqual(trigger.call_at, due + timedelta(seconds=1))
        Trigger.search(domain).unlink()
        self.wait_and_process()
        Hit._schedule_next_run()
        self.assertFalse(Trigger.search(domain), "no click is held")

    def test_job_is_scheduled_before_every_commit(self):
        """The job is also scheduled before the last commit of a run."""
        cron = self.env.ref("pipeline_tracking.ir_cron_process_hits")
        domain = [("cron_id", "=", cron.id)]
        self.env["ir.cron.trigger"].search(domain).unlink()
        self.click("prices")
        scheduled = []

        def commit(job, processed=0, *, remaining=None, deactivate=False):
            scheduled.append(self.env["ir.cron.trigger"].search_count(domain))
            return 0  # seconds left

        with patch.object(self.registry["ir.cron"], "_commit_progress", commit):
            self.env["trackable.hit"].with_context(ir_cron_progress_id=1)._process()
        self.assertEqual(scheduled, [1])
