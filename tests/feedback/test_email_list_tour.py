"""Salespeople go from the list of emails to an email, its clicks and a follow-up."""

from odoo.tests import HttpCase, tagged

from ..common import TrackingMixin

ACTION = "/odoo/action-pipeline_tracking.trackable_email_action_window"
BODY = '<p>See <a href="https://x.example.net/prices">our prices</a></p>'


class EmailListMixin(TrackingMixin):
    def setUp(self):
        super().setUp()
        self.env["trackable.email"].search([]).unlink()
        delivered, self.email = self.send(
            BODY, attachments=[("offer.pdf", b"%PDF-1.4")]
        )
        self.send(subject="Newer")
        self.wait(24 * 3600)
        for _number in range(2):
            self.hit(delivered.links["our prices"])
            self.process()
            self.wait(60)

    def run_tour(self, tour):
        self.start_tour(ACTION, tour, login=self.salesperson.login)
        (activity,) = self.lead.activity_ids
        self.assertEqual(activity.summary, "Follow up with Carla Customer: Proposal")
        self.assertIn("Ask for the budget", activity.note)


@tagged("post_install", "-at_install")
class TestEmailList(EmailListMixin, HttpCase):
    def test_from_the_list_to_a_follow_up(self):
        self.run_tour("pipeline_tracking_email_list")


@tagged("post_install", "-at_install")
class TestEmailListOnPhone(EmailListMixin, HttpCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_from_the_list_to_a_follow_up(self):
        self.run_tour("pipeline_tracking_email_list_phone")
