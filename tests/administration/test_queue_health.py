"""Administrators see the queue of hits, and get a warning when hits are late."""

import logging
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store
from odoo.addons.pipeline_tracking.models.administration import self_test_probe

from ..common import TrackingCase

REQUEST_DETAILS = ("ip", "user_agent", "purpose", "user_id")


@tagged("post_install", "-at_install")
class TestHealth(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_test_user(cls.env, "adam", "base.group_system")

    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send('<a href="https://x.com/">x</a>')

    def open(self, waited=0):
        self.hit(self.delivered.image_urls[0])
        self.wait(waited)

    def click(self, waited=0):
        self.hit(self.delivered.links["x"])
        self.wait(waited)

    @property
    def visible_hits(self):
        return self.env["trackable.hit"].with_user(self.administrator).search([])

    @property
    def late(self):
        return self.env["trackable.hit"]._get_late_seconds()

    # ------------------------------------------------------------
    # The list
    # ------------------------------------------------------------

    def test_administrators_see_hits_without_request_details(self):
        self.open(waited=720)
        visible_hits = self.visible_hits
        self.assertEqual(len(visible_hits), 1)
        self.assertEqual(visible_hits.trackable_email_id.id, self.trackable.id)
        self.assertEqual(visible_hits.waited, "12 minutes")
        for name in REQUEST_DETAILS:
            with self.subTest(field=name), self.assertRaises(AccessError):
                visible_hits.read([name])
            with self.assertRaises(AccessError):
                visible_hits.search([(name, "!=", False)])
        self.assertFalse(set(REQUEST_DETAILS) & set(visible_hits.fields_get()))
        with self.assertRaises(AccessError):
            self.env["trackable.hit"].with_user(self.salesperson).search([])

    def test_administrators_see_no_hits_of_other_companies(self):
        self.open()
        self.trackable.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.visible_hits)

    def test_the_filters(self):
        self.open()
        self.click()
        hits = self.env["trackable.hit"].search([])
        hits[0].error = "ValueError: broken"
        Hit = self.env["trackable.hit"].with_user(self.administrator)
        views = Hit.get_views([(False, "list"), (False, "kanban"), (False, "search")])
        search = self.env["ir.ui.view"].browse(views["views"]["search"]["id"])
        self.assertIn("set_aside", search.arch)
        for key, expected in (("set_aside", hits[0]), ("backlog", hits[1])):
            line = self.env["trackable.self.test.line"].new({"key": key})
            action = line.with_user(self.administrator).action_open_queue()
            ((name, is_on),) = action["context"].items()
            self.assertTrue(is_on)
            self.assertIn(name.removeprefix("search_default_"), search.arch)
            domain = [("error", "!=" if key == "set_aside" else "=", False)]
            self.assertEqual(Hit.search(domain), expected)

    # ------------------------------------------------------------
    # Late hits
    # ------------------------------------------------------------

    def test_late_after_ten_minutes(self):
        self.assertEqual(self.late, 0)
        self.open(waited=590)
        self.assertEqual(self.late, 0)
        self.wait(20)
        self.assertAlmostEqual(self.late, 610, delta=5)
        count, oldest = self.env["trackable.hit"]._get_backlog()
        self.assertEqual(count, 1)
        self.assertAlmostEqual(oldest, 610, delta=5)
        self.process()
        self.assertEqual(self.late, 0)
        self.assertEqual(self.env["trackable.hit"]._get_backlog(), (0, 0))

    def test_held_clicks_are_not_late(self):
        self.hold(3600)
        self.click(waited=3500)
        self.assertEqual(self.late, 0)
        self.assertEqual(self.env["trackable.hit"]._get_backlog(), (0, 0))
        self.wait(800)
        self.assertAlmostEqual(self.late, 700, delta=5)

    def test_set_aside_hits_are_not_late(self):
        self.open(waited=7000)
        self.env["trackable.hit"].search([]).error = "ValueError: broken"
        self.assertEqual(self.late, 0)

    def test_orphaned_hits_are_not_late(self):
        self.open(waited=7000)
        self.env.cr.execute("DELETE FROM trackable_email_action")
        self.env.cr.execute("UPDATE trackable_hit SET trackable_email_id = 0")
        self.assertEqual(self.late, 0)

    # ------------------------------------------------------------
    # Warnings
    # ------------------------------------------------------------

    def get_warning(self, user):
        store = Store()
        self.env["res.users"].with_user(user)._init_store_data(store)
        return store.get_result().get("Store", {}).get("trackingStallWarning")

    def test_administrators_get_a_warning(self):
        settings = self.env["res.config.settings"].with_user(self.administrator)
        self.open()
        self.assertIsNone(self.get_warning(self.administrator))
        self.assertFalse(settings.new().tracking_late_warning)
        self.wait(660)
        self.assertIn("11 minutes", self.get_warning(self.administrator))
        self.assertIn("11 minutes", settings.new().tracking_late_warning)
        self.assertIsNone(self.get_warning(self.salesperson))

    def test_only_administrators_cost_a_query(self):
        def queries(user):
            self.get_warning(user)
            self.env.flush_all()
            log = logging.getLogger("odoo.sql_db")
            with self.assertLogs(log, logging.DEBUG) as logs:
                self.get_warning(user)
                self.env.cr.execute("SELECT 1")
            return [line for line in logs.output if "trackable_hit" in line]

        self.assertEqual(queries(self.salesperson), [])
        self.assertEqual(len(queries(self.administrator)), 1)
        self.open(waited=660)
        self.assertEqual(queries(self.salesperson), [])

    # ------------------------------------------------------------
    # The self-test
    # ------------------------------------------------------------

    def test_only_administrators_run_the_self_test(self):
        for user in (self.salesperson, self.new_manager()):
            test = self.env["trackable.self.test"].with_user(user)
            with (
                self.subTest(user=user.login),
                patch.object(self_test_probe, "probe_url", self.fail),
                self.assertRaises(AccessError),
            ):
                test.action_check()
