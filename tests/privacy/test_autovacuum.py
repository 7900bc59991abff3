"""Odoo's autovacuum calls each cleanup method of the addon, on its model."""

import inspect
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.base.models import ir_autovacuum

from ..helpers.aging_case import AgingCase

ADDON = "odoo.addons.pipeline_tracking"
LOGGER = "odoo.addons.base.models.ir_autovacuum"
BODY = '<a href="https://x.com/a">a</a>'


@tagged("post_install", "-at_install")
class TestAutovacuum(AgingCase):
    def find_methods(self):
        """Find the autovacuum methods of the addon.

        :return: model and name of each method
        :rtype: list[tuple]
        """
        return [
            (model, name)
            for model in self.env.values()
            for name, method in inspect.getmembers(
                type(model), ir_autovacuum.is_autovacuum
            )
            if method.__module__.startswith(ADDON)
        ]

    def vacuum(self):
        """Run Odoo's autovacuum, abstract models first."""

        def sort(methods):
            # The cron job takes the last method first.
            methods.sort(key=lambda model_and_method: model_and_method[0]._abstract)

        self.env.flush_all()
        with (
            self.enter_registry_test_mode(),
            patch.object(ir_autovacuum.random, "shuffle", sort),
            self.assertNoLogs(LOGGER, "ERROR"),
        ):
            self.env.ref("base.autovacuum_job").method_direct_trigger()
        self.env.invalidate_all()

    def test_no_abstract_model_has_an_autovacuum_method(self):
        methods = self.find_methods()
        self.assertEqual(
            [(model._name, name) for model, name in methods if model._abstract], []
        )
        self.assertLessEqual(
            {
                ("trackable.email", "_gc_expired_actions"),
                ("trackable.email", "_retry_failed_traces"),
                ("trackable.hit", "_gc_orphans"),
                ("trackable.hit", "_gc_set_aside_details"),
                ("trackable.hit", "_gc_set_aside"),
            },
            {(model._name, name) for model, name in methods},
        )

    def test_the_cleanup_deletes_expired_data(self):
        delivered, trackable = self.send(BODY)
        _delivered, fresh = self.send(BODY, record=self.other)
        self.hit(delivered.image_urls[0])
        self.hit(delivered.links["a"])
        self.process()
        self.age(370)
        trackable.is_trace_failed = True
        self.hit(_delivered.image_urls[0])
        self.process()
        self.assertTrue(trackable.action_ids and fresh.action_ids)
        self.vacuum()
        self.assertFalse(trackable.action_ids)
        self.assertFalse(self.entries(self.lead))
        self.assertTrue(trackable.is_trace_due)
        self.assertFalse(trackable.is_trace_failed)
        self.assertCounts(trackable, opens=1, clicks=1)
        self.assertTrue(fresh.action_ids, "recent actions stay")

    def test_the_cleanup_deletes_set_aside_and_orphaned_hits(self):
        delivered, _trackable = self.send(BODY)
        _delivered, gone = self.send(BODY, record=self.other)
        self.hit(delivered.image_urls[0])
        self.hit(_delivered.image_urls[0])
        hit, orphan = self.env["trackable.hit"].search([])
        (hit | orphan).error = "ValueError"
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM trackable_email WHERE id = %s", [gone.id])
        self.age(8)
        self.vacuum()
        self.assertEqual(self.env["trackable.hit"].search([]), hit)
        self.assertFalse(hit.ip)
        self.age(365)
        self.vacuum()
        self.assertFalse(hit.exists())
