"""Emails to two contacts, and the feed of their sender."""

from ..common import TrackingCase

BODY = '<p>See <a href="https://x.example.net">our prices</a></p>'


class FeedCase(TrackingCase):
    def setUp(self):
        super().setUp()
        self.env["trackable.email"].search([]).unlink()

    def feed(self, user=None, **switches):
        return (
            self.env["trackable.feed"]
            .with_user(user or self.salesperson)
            .get_feed(**switches)
        )

    def people(self, user=None, **switches):
        """Return the texts of the lines by the name of the person, in their order."""
        return {
            person["name"]: [line["text"] for line in person["lines"]]
            for person in self.feed(user, **switches)["people"]
        }

    def send_to_other(self, **values):
        """Send an email to the other contact, from another lead."""
        self.inbox.emails.clear()
        lead = self.env["crm.lead"].create(
            {
                "name": "Other deal",
                "partner_id": self.other.id,
                "user_id": self.salesperson.id,
            }
        )
        message = self.post(
            BODY, **{"record": lead, "partner_ids": self.other.ids, **values}
        )
        # Odoo also informs the salesperson about the lead.
        *_others, delivered = self.inbox.emails
        return delivered, self.trackable_emails(message)

    def open_later(self, url, seconds=60):
        """Let time pass, then open the email."""
        self.wait(seconds)
        self.hit(url)
        self.process()

    def reply(self, trackable):
        message = self.lead.message_post(
            author_id=self.customer.id,
            parent_id=trackable.mail_message_id.id,
            message_type="email",
        )
        self.env["trackable.hit"]._record_reply(message, self.customer.email)
        self.process()
