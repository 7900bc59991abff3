"""Emails that a person opened and clicked, and asserts that only counters stay."""

from .aging_case import AgingCase

BODY = '<a href="https://x.com/a">a</a> <a href="https://x.com/b">b</a>'
PERSON = ("email_to", "partner_id", "subject", "mailing_trace_id", "notice_at")
DETAILS = ("ip", "user_agent", "browser", "platform", "country_id", "city")


class AnonymizeCase(AgingCase):
    def setUp(self):
        super().setUp()
        self.env.company.tracking_keep_ip = "full"
        self.salesperson.tracking_notice = "inbox"
        self.delivered, self.trackable = self.send_and_act(self.customer)

    def send_and_act(self, partner, record=None):
        """Send an email to a person who opens it and clicks a link."""
        self.inbox.emails.clear()
        message = self.post(BODY, partner_ids=partner.ids, record=record)
        delivered = self.inbox.emails[0]
        self.wait(3600)
        self.hit(delivered.image_urls[0])
        self.wait(60)
        self.hit(delivered.links["a"])
        self.process()
        return delivered, self.trackable_emails(message)

    def messages_about(self, email):
        """Return the chatter messages that report actions on an email."""
        return email._get_feedback_messages()

    def act_again(self, delivered):
        self.wait(600)
        self.hit(delivered.image_urls[0])
        self.hit(delivered.links["b"])
        self.process()

    # ------------------------------------------------------------
    # Asserts
    # ------------------------------------------------------------

    def assertAnonymized(self, email, delivered, messages):
        """Assert that an email names no person, and that its counters and links still
        work.

        :param messages: the messages about the email, from before it was anonymized
        """
        self.env.invalidate_all()
        self.assertTrue(email.exists() and email.nonce)
        for name in PERSON:
            self.assertFalse(email[name], name)
        self.assertNotIn(email.res_model, ("res.partner", "mailing.contact"))
        self.assertEqual(email.recipient_key, f"anonymized,{email.id}")
        self.assertEqual(len(email.action_ids), 2)
        for action in email.action_ids:
            for name in DETAILS:
                self.assertFalse(action[name], name)
        self.assertTrue(messages, "messages about the email exist")
        self.assertFalse(messages.exists())
        self.assertCounts(email, opens=1, clicks=1)
        # no further action is recorded
        self.act_again(delivered)
        self.assertCounts(email, opens=1, clicks=1)
        self.assertEqual(len(email.action_ids), 2)
        self.assertFalse(self.messages_about(email))

    def assertNotAnonymized(self, email, delivered):
        self.env.invalidate_all()
        self.assertTrue(email.email_to and email.subject)
        self.assertNotIn("anonymized", email.recipient_key)
        self.assertTrue(all(email.action_ids.mapped("ip")))
        self.assertTrue(self.messages_about(email))
        opens = email.open_count
        self.act_again(delivered)
        self.assertEqual(email.open_count, opens + 1)
