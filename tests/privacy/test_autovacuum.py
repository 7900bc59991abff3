"""Odoo's nightly clean-up calls our methods, each on the model it cleans."""

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
    def our_methods(self):
        """Our methods that the clean-up calls, as it finds them.

        :return: model and name of the method
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
        """Run Odoo's job, abstract models first."""

        def sort(methods):
            # The last comes first.
            methods.sort(key=lambda model_and_method: model_and_method[0]._abstract)

        self.env.flush_all()
        with (
            self.enter_registry_test_mode(),
            patch.object(ir_autovacuum.random, "shuffle", sort),
            self.assertNoLogs(LOGGER, "ERROR"),
        ):
            self.env.ref("base.autovacuum_job").method_direct_trigger()
        self.env.invalidate_all()

    def test_no_abstract_model_has_a_method_of_ours(self):
        methods = self.our_methods()
        self.assertEqual(
            [(model._name, name) for model, name in methods if model._abstract], []
        )
        self.assertLessEqual(
            {
                ("trackable.email", "_gc_expired_actions"),
                ("trackable.email", "_gc_failed_traces"),
                ("trackable.hit", "_gc_orphans"),
                ("trackable.hit", "_gc_set_aside_details"),
                ("trackable.hit", "_gc_set_aside"),
            },
            {(model._name, name) for model, name in methods},
        )

    def test_what_is_due_is_cleaned_and_nothing_fails(self):
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
        self.assertTrue(fresh.action_ids, "what is not due stays")

    def test_set_aside_hits_and_hits_of_no_email(self):
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
