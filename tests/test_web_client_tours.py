"""Tours in the web client, in a real browser."""

from odoo.tests import HttpCase, tagged

from .common import TrackingMixin


@tagged("post_install", "-at_install")
class TestBrowser(TrackingMixin, HttpCase):
    def compose(self, tour):
        """Run a tour in the opportunity; return the last message of its chatter."""
        url = f"/odoo/action-crm.crm_lead_all_leads/{self.lead.id}"
        self.start_tour(url, tour, login=self.salesperson.login)
        return self.env["mail.message"].search(
            [("model", "=", "crm.lead"), ("res_id", "=", self.lead.id)], limit=1
        )

    def test_composer_small(self):
        message = self.compose("pipeline_tracking_composer_small")
        self.assertTrue(message.is_tracked)
        (delivered,) = self.inbox.emails
        self.assertIn("Small hello", delivered.html)
        self.assertTracked(delivered)

    def test_composer_untracked(self):
        message = self.compose("pipeline_tracking_composer_untracked")
        self.assertRefused(message, False)

    def test_composer_remembers(self):
        message = self.compose("pipeline_tracking_composer_remembers")
        self.assertTrue(message.is_tracked)
        (delivered,) = self.inbox.emails
        self.assertIn("Full hello", delivered.html)
        self.assertTracked(delivered)

    def test_composer_refused(self):
        message = self.compose("pipeline_tracking_composer_refused")
        self.assertRefused(message, "several_recipients")

    def test_composer_objected(self):
        self.customer.tracking_consent = "objected"
        self.compose("pipeline_tracking_composer_objected")

    def test_composer_note(self):
        self.compose("pipeline_tracking_composer_note")

    def test_menus_show_emails_and_actions(self):
        """Open the lists and the form of tracked emails."""
        delivered, trackable = self.send(
            '<a href="https://x.example.net">our prices</a>'
        )
        self.hit(delivered.image_urls[0])
        self.hit(delivered.links["our prices"])
        self.process()
        ready = "!!document.querySelector('.o_data_row, .o_form_view .o_list_view')"
        for path, words in (
            ("trackable_email_action_window", ["Proposal", "Carla Customer"]),
            (
                f"trackable_email_action_window/{trackable.id}",
                ["Open", "Click", "our prices"],
            ),
            ("trackable_email_action_action_window", ["Recipient", "our prices"]),
        ):
            missing = " && ".join(
                f"document.body.innerText.includes({word!r})" for word in words
            )
            self.browser_js(
                f"/odoo/action-pipeline_tracking.{path}",
                f"console.log({missing} ? 'test successful' : document.body.innerText)",
                ready,
                login=self.salesperson.login,
            )

    def test_from_a_contact_to_the_report(self):
        self.env["trackable.email"].search([]).unlink()
        delivered, _opened = self.send(subject="First offer")
        self.send(subject="Second offer")
        self.hit(delivered.image_urls[0])
        self.process()
        self.wait(4 * 24 * 3600)
        self.post(
            subject="Third offer",
            record=self.env["crm.lead"].create(
                {"name": "Other deal", "user_id": self.salesperson.id}
            ),
            partner_ids=self.other.ids,
        )
        self.start_tour(
            f"/odoo/action-contacts.action_contacts/{self.customer.id}",
            "pipeline_tracking_trackable_email",
            login=self.salesperson.login,
        )
        (activity,) = self.lead.activity_ids
        self.assertEqual(
            activity.summary, "Follow up with Carla Customer: Second offer"
        )
