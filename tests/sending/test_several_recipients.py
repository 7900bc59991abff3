"""Several recipients get separate tracked copies, if the company's setting is on."""

from odoo.tests import tagged

from ..common import TrackingCase


@tagged("post_install", "-at_install")
class TestSeveralRecipients(TrackingCase):
    def setUp(self):
        super().setUp()
        self.env.company.track_several_recipients = True
        self.both = self.customer | self.other

    def arrived(self):
        """Return the delivered emails by address."""
        emails_by_address = {}
        for delivered in self.inbox.emails:
            for address in delivered.recipients:
                self.assertNotIn(address, emails_by_address)
                emails_by_address[address] = delivered
        return emails_by_address

    def test_setting_off(self):
        self.env.company.track_several_recipients = False
        message = self.post(partner_ids=self.both.ids)
        self.assertRefused(message, "several_recipients")

    def test_each_recipient_has_separate_tracked_urls(self):
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
        self.assertEqual(len(urls), 4, "no URL is shared")
        self.assertEqual(len(emails.link_ids), 1, "the copies share the link")
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
        self.assertEqual({line["who"] for line in timeline["lines"]}, {self.other.name})

    def test_copies_to_colleagues_are_untracked(self):
        partners = self.both | self.colleague.partner_id
        self.post(partner_ids=partners.ids)
        arrived = self.arrived()
        self.assertUntracked(arrived[self.colleague.email])
        for partner in self.both:
            self.assertTracked(arrived[partner.email])

    def test_copies_to_recipients_who_objected_are_untracked(self):
        self.other.tracking_consent = "objected"
        message = self.post(partner_ids=self.both.ids)
        arrived = self.arrived()
        self.assertTracked(arrived[self.customer.email])
        self.assertUntracked(arrived[self.other.email])
        self.assertTrue(message.is_tracked)
        self.customer.tracking_consent = "objected"
        self.inbox.emails.clear()
        self.assertRefused(self.post(partner_ids=self.both.ids), "objected")

    def test_only_tracked_copies_have_an_objection_link(self):
        self.env.company.tracking_objection_link = True
        self.other.tracking_consent = "objected"
        message = self.post(partner_ids=self.both.ids)
        arrived = self.arrived()
        self.assertIn("/t/stop/", arrived[self.customer.email].html)
        self.assertUntracked(arrived[self.other.email])
        self.assertNotIn("Opt out", arrived[self.other.email].html)
        self.assertFalse(message._get_tracking_badges()[message.id]["stopped"])

    def test_the_badge_is_stopped_if_all_recipients_objected(self):
        message = self.post(partner_ids=self.both.ids)
        self.other.tracking_consent = "objected"
        self.assertFalse(message._get_tracking_badges()[message.id]["stopped"])
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

    def test_copies_with_cc_are_never_tracked(self):
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

    def test_copies_to_several_addresses_are_never_tracked(self):
        message = self.send_mail(email_to="a@x.com, b@x.com")
        self.assertRefused(message, "shared_copy")
        message = self.send_mail(email_to="a@x.com", email_cc="b@x.com")
        self.assertRefused(message, "shared_copy")
        message = self.send_mail(email_to="a@x.com")
        self.assertTracked(*self.inbox.emails)
        self.customer.email = "a@x.com, c@x.com"
        message = self.send_mail(recipient_ids=self.both.ids)
        self.assertEqual(self.trackable_emails(message).partner_id, self.other)

    def test_the_reason_before_sending(self):
        record = self.lead.with_user(self.salesperson)
        self.assertFalse(record.get_tracking_preview(self.both.ids)["reason"])
        self.both.tracking_consent = "objected"
        self.assertEqual(
            record.get_tracking_preview(self.both.ids)["reason"], "objected"
        )
        self.customer.tracking_consent = False
        self.assertFalse(record.get_tracking_preview(self.both.ids)["reason"])
        self.env.company.track_several_recipients = False
        self.assertEqual(
            record.get_tracking_preview(self.both.ids)["reason"], "several_recipients"
        )

    def test_unused_links_have_different_ids_in_the_report(self):
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
