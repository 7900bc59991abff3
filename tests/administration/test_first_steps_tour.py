"""Tours of the first steps after the installation."""

from odoo.tests import HttpCase, new_test_user, tagged

from ..common import TrackingMixin

ACTION = "/odoo/action-pipeline_tracking.trackable_setup_action"
EMAILS = "/odoo/action-pipeline_tracking.trackable_email_action_window"


@tagged("post_install", "-at_install")
class TestFirstStepsTour(TrackingMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_test_user(
            cls.env, "adam", "base.group_system", email="adam@acme.example.com"
        )

    def test_first_steps(self):
        self.start_tour(EMAILS, "pipeline_tracking_first_steps", login="adam")
        (delivered,) = self.inbox.emails
        self.assertTracked(delivered)
        self.assertEqual(delivered.recipients, ["adam@acme.example.com"])

    def test_the_check(self):
        """No server listens at this private address."""
        self.set_base_url("http://127.0.0.1:9")
        self.start_tour(ACTION, "pipeline_tracking_first_steps_check", login="adam")
