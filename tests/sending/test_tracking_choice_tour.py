"""In the web client, users choose for an email whether it is tracked and how its files
are sent: in both composers, and in a scheduled message.
"""

from odoo.tests import HttpCase, tagged

from ..common import TRACKED_URL, TrackingMixin


@tagged("post_install", "-at_install")
class TestTrackingChoiceTour(TrackingMixin, HttpCase):
    def run_tour(self, tour):
        """Run a tour in the opportunity."""
        url = f"/odoo/action-crm.crm_lead_all_leads/{self.lead.id}"
        self.start_tour(url, tour, login=self.salesperson.login)

    def send_scheduled(self):
        """Send the only scheduled message; return how it arrived."""
        scheduled = self.env["mail.scheduled.message"].search(
            [("model", "=", "crm.lead"), ("res_id", "=", self.lead.id)]
        )
        self.inbox.emails.clear()
        scheduled.post_message()
        (delivered,) = self.inbox.emails
        self.assertIn("Later hello", delivered.html)
        return delivered

    def names_of_attachments(self, delivered):
        return [part.get_filename() for part in delivered.attachments]

    def test_small_composer(self):
        self.run_tour("pipeline_tracking_choice_small")
        (delivered,) = self.inbox.emails
        self.assertTracked(delivered)
        self.assertEqual(self.names_of_attachments(delivered), ["offer.txt"])

    def test_full_composer(self):
        self.run_tour("pipeline_tracking_choice_full")
        (delivered,) = self.inbox.emails
        self.assertTracked(delivered)
        self.assertRegex(delivered.links["offer.txt"], TRACKED_URL)
        self.assertEqual(delivered.attachments, [])

    def test_partly_tracked(self):
        self.env.company.track_several_recipients = True
        self.lead.message_subscribe(self.other.ids)
        self.other.tracking_consent = "objected"
        self.run_tour("pipeline_tracking_choice_partly")

    def test_scheduled_message_turned_off(self):
        self.run_tour("pipeline_tracking_scheduled_off")
        delivered = self.send_scheduled()
        self.assertUntracked(delivered)
        self.assertEqual(self.names_of_attachments(delivered), ["offer.txt"])

    def test_scheduled_message_with_attached_files(self):
        self.run_tour("pipeline_tracking_scheduled_attached")
        delivered = self.send_scheduled()
        self.assertTracked(delivered)
        self.assertEqual(self.names_of_attachments(delivered), ["offer.txt"])
