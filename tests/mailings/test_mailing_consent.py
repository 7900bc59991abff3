"""Mailing copies to recipients who may not be tracked have untouched links."""

from ast import literal_eval

from odoo.tests import tagged

from odoo.addons.pipeline_tracking.tools import rewrite

from ..common import APPLE_MPP
from ..helpers.mailing_case import SHORT_URL, MailingCase


@tagged("post_install", "-at_install")
class TestMailingConsent(MailingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.bert, cls.cleo = cls.contacts

    def require_consent(self):
        self.env.company.tracking_consent_mode = "when_agreed"

    def assertPlain(self, delivered):
        """Assert that an email has no tracking by this addon or by Odoo."""
        self.assertUntracked(delivered)
        self.assertDirectLinks(delivered)

    def assertDirectLinks(self, delivered):
        for text in (delivered.html, delivered.text):
            self.assertFalse(SHORT_URL.search(text))
            self.assertNotIn("/mail/track/", text)
        self.assertIn(
            "https://shop.example.net/offer?a=1&b=2", delivered.links["offer"]
        )
        self.assertIn("/prices", delivered.links["prices"])
        self.assertIn("unsubscribe", delivered.links["Unsubscribe"])

    def find_anonymous_email(self, mailing):
        return self.env["trackable.email"].search(
            [("mailing_id", "=", mailing.id), ("is_anonymous", "=", True)]
        )

    def test_a_recipient_who_opted_out(self):
        self.bert.tracking_consent = "objected"
        mailing, arrived = self.send_mailing()
        self.assertPlain(arrived[self.bert.email])
        for contact in (self.anna, self.cleo):
            self.assertTracked(arrived[contact.email])
        self.assertEqual(
            set(self.emails_of(mailing)), {self.anna.email, self.cleo.email}
        )
        trace = mailing.mailing_trace_ids.filtered(
            lambda trace: trace.email == self.bert.email
        )
        self.assertEqual(trace.trace_status, "sent", "the email is still sent")

    def test_a_contact_with_the_same_address_opted_out(self):
        self.env["res.partner"].create(
            {"name": "B", "email": self.bert.email, "tracking_consent": "objected"}
        )
        _mailing, arrived = self.send_mailing()
        self.assertPlain(arrived[self.bert.email])
        self.assertTracked(arrived[self.anna.email])

    def test_recipients_without_consent_are_anonymous(self):
        self.require_consent()
        self.anna.tracking_consent = "agreed"
        self.cleo.tracking_consent = "objected"
        mailing, arrived = self.send_mailing()
        self.assertTracked(arrived[self.anna.email])
        self.assertIn("/t/", arrived[self.anna.email].links["offer"])
        self.assertPlain(arrived[self.cleo.email])
        self.assertTracked(arrived[self.bert.email])
        self.assertDirectLinks(arrived[self.bert.email])
        anonymous_email = self.find_anonymous_email(mailing)
        self.assertFalse(
            anonymous_email.partner_id
            or anonymous_email.email_to
            or anonymous_email.mailing_trace_id
        )
        (image,) = arrived[self.bert.email].image_urls
        self.hit(image)
        self.hit(image, user_agent=APPLE_MPP)
        self.hit(image, user_agent="curl/8.0")
        self.process()
        self.assertFalse(anonymous_email.action_ids, "only counters are stored")
        self.assertFalse(self.env["trackable.hit"].search([]))
        self.assertEqual(
            (
                anonymous_email.open_count,
                anonymous_email.unknown_open_count,
                anonymous_email.raw_open_count,
            ),
            (1, 1, 3),
        )
        statuses = set(mailing.mailing_trace_ids.mapped("trace_status"))
        self.assertEqual(statuses, {"sent"})
        self.hit(image)
        self.hit(arrived[self.anna.email].image_urls[0])
        self.process()
        self.assertEqual(anonymous_email.open_count, 2)
        mailing.invalidate_recordset()
        self.assertEqual(mailing.tracked_sent_count, 1, "only known recipients")
        self.assertEqual(mailing.tracked_open_count, 1)
        self.assertEqual(mailing.tracked_anonymous_open_count, 2)
        self.assertEqual(mailing.tracked_anonymous_maybe_count, 1)

    def test_recipients_without_consent_share_one_image(self):
        self.require_consent()
        mailing, arrived = self.send_mailing()
        images = {url for delivered in arrived.values() for url in delivered.image_urls}
        self.assertEqual(len(images), 1)
        self.assertEqual(len(self.find_anonymous_email(mailing)), 1)
        self.assertFalse(
            self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        )

    def test_the_anonymous_email_is_in_no_list_or_report(self):
        self.require_consent()
        mailing, _arrived = self.send_mailing()
        anonymous_email = self.find_anonymous_email(mailing)
        report = self.env["trackable.email.report"].search(
            [("mailing_id", "=", mailing.id)]
        )
        self.assertFalse(report)
        for action in (
            self.env["ir.actions.act_window"]._for_xml_id(
                "pipeline_tracking.trackable_email_action_window"
            ),
            mailing.action_view_trackable_emails(),
        ):
            domain = action["domain"]
            if isinstance(domain, str):
                domain = literal_eval(domain)
            self.assertFalse(anonymous_email.filtered_domain(domain))

    def test_no_image_without_a_public_address(self):
        self.require_consent()
        self.set_base_url("http://127.0.0.1:8069")
        mailing, arrived = self.send_mailing()
        for delivered in arrived.values():
            self.assertPlain(delivered)
        self.assertFalse(self.find_anonymous_email(mailing))

    def test_mailings_are_untracked_if_a_setting_is_off(self):
        for name in ("track_mailings", "is_tracking_allowed"):
            self.env.company[name] = False
            mailing, arrived = self.send_mailing()
            self.assertEqual(len(arrived), 3)
            for delivered in arrived.values():
                self.assertPlain(delivered)
            self.assertFalse(self.emails_of(mailing))
            self.env.company[name] = True
        _mailing, arrived = self.send_mailing()
        for delivered in arrived.values():
            self.assertTracked(delivered)

    def test_files_are_attached_to_untracked_copies(self):
        self.bert.tracking_consent = "objected"
        mailing = self.create_mailing(
            attachment_ids=[(0, 0, {"name": "a.txt", "raw": b"a"})]
        )
        _mailing, arrived = self.send_mailing(mailing)
        self.assertEqual(len(arrived[self.bert.email].attachments), 1)
        self.assertEqual(len(arrived[self.anna.email].attachments), 0)

    def test_an_image_that_cannot_be_created_is_left_out(self):
        self.require_consent()
        self.anna.tracking_consent = "agreed"
        calls = []

        def broken(*_args):
            calls.append(1)
            raise ValueError("broken")

        self.patch(self.registry["trackable.email"], "_ensure_anonymous", broken)
        with self.assertLogs("odoo.addons.pipeline_tracking", "ERROR"):
            _mailing, arrived = self.send_mailing()
        self.assertEqual(len(calls), 1, "tried once")
        self.assertTracked(arrived[self.anna.email])
        for contact in (self.bert, self.cleo):
            self.assertPlain(arrived[contact.email])

    def test_an_image_that_cannot_be_added_does_not_stop_sending(self):
        self.require_consent()
        split = rewrite.Document.split

        def broken(document, targets):
            if not targets:
                raise ValueError("broken")
            return split(document, targets)

        self.patch(rewrite.Document, "split", broken)
        with self.assertLogs("odoo.addons.pipeline_tracking", "ERROR"):
            _mailing, arrived = self.send_mailing()
        self.assertEqual(len(arrived), 3)
        for delivered in arrived.values():
            self.assertPlain(delivered)

    def test_an_error_leaves_copies_untracked(self):
        def broken(*_args):
            raise ValueError("broken")

        self.patch(self.registry["trackable.objection"], "_read_consents", broken)
        with self.assertLogs("odoo.addons.pipeline_tracking", "ERROR"):
            _mailing, arrived = self.send_mailing()
        for delivered in arrived.values():
            self.assertPlain(delivered)
