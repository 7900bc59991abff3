"""Notices in the web client, in a real browser."""

from odoo.tests import HttpCase, tagged

from .common import TrackingMixin


@tagged("post_install", "-at_install")
class TestNoticeUnits(TrackingMixin, HttpCase):
    """The unit tests of what shows them."""

    def test_units(self):
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            "&filter=%40pipeline_tracking",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
        )
