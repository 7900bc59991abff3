"""Each of several recipients gets a tracked copy, if the company wants that."""

from odoo.tests import tagged

from ..common import TrackingCase


@tagged("post_install", "-at_install")
class TestSeveralRecipients(TrackingCase):
    def setUp(self):
        super().setUp()
        self.env.company.track_several_recipients = True
        self.both = self.customer | self.other

    def arrived(self):
        """Return the emails that arrived, by address."""
        emails_by_address = {}
        for delivered in self.inbox.emails:
            for address in delivered.recipients:
                self.assertNotIn(address, emails_by_address)
                emails_by_address[address] = delivered
        return emails_by_address

    def test_off_it_is_not(self):
        self.env.company.track_several_recipients = False
        message = self.post(partner_ids=self.both.ids)
        self.assertRefused(message, "several_recipients")

    def test_each_has_their_own(self):
        message = self.post('<a href="https://x.com/">x</a>', partner_ids=self.both.ids)
        self.assertTrue(message.is_tracked)
        self.assertFalse(message.sudo().untracked_reason)
        arrived = self.arrived()
        emails = self.trackable_emails(message)
        self.assertEqual(emails.partner_id, self.both)
        urls = set()
        for partner in self.both:
            self.assertTracked(arrived[partner.email])
            urls |= set(arrived[partner.email].tracked_urls)
        self.assertEqual(len(urls), 4, "none is another's")
        self.assertEqual(len(emails.link_ids), 1, "the link is the message's")
        self.hit(arrived[self.other.email].image_urls[0])
        self.hit(arrived[self.other.email].links["x"])
        self.process()
        by_partner = emails.grouped("partner_id")
        self.assertCounts(by_partner[self.other], opens=1, clicks=1)
        self.assertCounts(by_partner[self.customer], opens=0, clicks=0)
        self.assertEqual(len(self.entries(self.other)), 1)
        self.assertFalse(self.entries(self.customer))
        badge = message._get_tracking_badges()[message.id]
        self.assertEqual((badge["opens"], badge["clicks"]), (1, 1))
        timeline = message.with_user(self.salesperson).get_tracking_timeline()
        self.assertEqual(timeline["email_ids"], emails.ids)
        self.assertEqual(
            {line["recipient"] for line in timeline["lines"]}, {self.other.name}
        )

    def test_colleagues_are_not(self):
        partners = self.both | self.colleague.partner_id
        self.post(partner_ids=partners.ids)
        arrived = self.arrived()
        self.assertUntracked(arrived[self.colleague.email])
        for partner in self.both:
            self.assertTracked(arrived[partner.email])

    def test_who_objected_is_not(self):
        self.other.tracking_consent = "objected"
        message = self.post(partner_ids=self.both.ids)
        arrived = self.arrived()
        self.assertTracked(arrived[self.customer.email])
        self.assertUntracked(arrived[self.other.email])
        self.assertTrue(message.is_tracked)
        self.customer.tracking_consent = "objected"
        self.inbox.emails.clear()
        self.assertRefused(self.post(partner_ids=self.both.ids), "objected")

    def test_the_link_to_object_is_in_tracked_copies_only(self):
        self.env.company.tracking_objection_link = True
        self.other.tracking_consent = "objected"
        message = self.post(partner_ids=self.both.ids)
        arrived = self.arrived()
        self.assertIn("/t/stop/", arrived[self.customer.email].html)
        self.assertUntracked(arrived[self.other.email])
        self.assertNotIn("Opt out of tracking", arrived[self.other.email].html)
        self.assertNotIn("stopped", message._get_tracking_badges()[message.id])

    def test_one_of_two_was_stopped(self):
        message = self.post(partner_ids=self.both.ids)
        self.other.tracking_consent = "objected"
        self.assertNotIn("stopped", message._get_tracking_badges()[message.id])
        self.customer.tracking_consent = "objected"
        self.assertTrue(message._get_tracking_badges()[message.id]["stopped"])

    def send_mail(self, **values):
        message = self.env["mail.message"].create(
            {"body": "<p>x</p>", "is_tracked": True, "subject": "x"}
        )
        mail = self.env["mail.mail"].create(
            {
                "mail_message_id": message.id,
                "body_html": "<p>x</p>",
                "auto_delete": False,
                **values,
            }
        )
        self.inbox.emails.clear()
        mail.send()
        return message

    def test_cc_never(self):
        message = self.send_mail(
            email_to="a@x.com", email_cc="b@x.com", recipient_ids=self.customer.ids
        )
        for delivered in self.inbox.emails:
            if delivered.recipients == [self.customer.email]:
                self.assertTracked(delivered)
            else:
                self.assertUntracked(delivered)
        self.assertEqual(self.trackable_emails(message).partner_id, self.customer)
        message = self.send_mail(email_cc="b@x.com", recipient_ids=self.customer.ids)
        self.assertEqual(len(self.trackable_emails(message)), 1)

    def test_several_addresses_at_once_never(self):
        message = self.send_mail(email_to="a@x.com, b@x.com")
        self.assertRefused(message, "several_recipients")
        message = self.send_mail(email_to="a@x.com", email_cc="b@x.com")
        self.assertRefused(message, "several_recipients")
        message = self.send_mail(email_to="a@x.com")
        self.assertTracked(*self.inbox.emails)
        self.customer.email = "a@x.com, c@x.com"
        message = self.send_mail(recipient_ids=self.both.ids)
        self.assertEqual(self.trackable_emails(message).partner_id, self.other)

    def test_before_it_is_sent(self):
        record = self.lead.with_user(self.salesperson)
        self.assertEqual(record.get_untracked_reason(self.both.ids), [False, False])
        self.both.tracking_consent = "objected"
        self.assertEqual(record.get_untracked_reason(self.both.ids)[0], "objected")
        self.customer.tracking_consent = False
        self.assertEqual(record.get_untracked_reason(self.both.ids), [False, False])
        self.env.company.track_several_recipients = False
        self.assertEqual(
            record.get_untracked_reason(self.both.ids)[0], "several_recipients"
        )

    def test_links_that_none_used_are_told_apart_in_the_report(self):
        message = self.post(
            '<a href="https://x.com/a">a</a><a href="https://x.com/b">b</a>',
            partner_ids=self.both.ids,
        )
        emails = self.trackable_emails(message)
        rows = self.env["trackable.link.report"].search(
            [("trackable_email_id", "in", emails.ids)]
        )
        self.assertEqual(len(set(rows.ids)), 4)
        self.assertEqual(len(rows.read(["address", "email_count"])), 4)
