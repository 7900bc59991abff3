"""An email to one recipient outside the company is tracked; other messages store a
reason.
"""

from odoo.tests import new_test_user, tagged

from ..common import TrackingCase


@tagged("post_install", "-at_install")
class TestDecision(TrackingCase):
    def test_one_customer(self):
        message = self.post()
        self.assertTrue(message.is_tracked)
        self.assertFalse(message.sudo().untracked_reason)
        (delivered,) = self.inbox.emails
        self.assertTracked(delivered)

    def test_tracking_is_off_in_the_composer(self):
        message = self.post('<a href="https://x.com">x</a>', is_tracked=False)
        self.assertRefused(message, False)

    def test_a_post_is_not_tracked_by_default(self):
        message = self.lead.message_post(
            body="Hello", partner_ids=self.customer.ids, subtype_xmlid="mail.mt_comment"
        )
        self.assertRefused(message, False)

    def test_a_post_without_subtype(self):
        """`message_post` stores the post as a note, but sends it as a tracked email."""
        message = self.lead.with_user(self.salesperson).message_post(
            body="Hello", partner_ids=self.customer.ids, is_tracked=True
        )
        self.assertTrue(message.is_tracked)
        self.assertTracked(*self.inbox.emails)

    def test_two_customers(self):
        message = self.post(partner_ids=(self.customer + self.other).ids)
        self.assertEqual(len(self.inbox.emails), 2)
        self.assertRefused(message, "several_recipients")

    def test_a_follower_counts(self):
        self.lead.message_subscribe(self.other.ids)
        self.assertRefused(self.post(), "several_recipients")

    def test_a_plain_address_counts(self):
        message = self.post(outgoing_email_to="plain@other.example.org")
        self.assertRefused(message, "several_recipients")

    def test_a_plain_address_alone(self):
        message = self.post(
            partner_ids=[], outgoing_email_to="Plain <PLAIN@other.example.org>"
        )
        self.assertTracked(*self.inbox.emails)
        trackable = self.trackable_emails(message)
        self.assertEqual(trackable.email_to, "plain@other.example.org")
        self.assertFalse(trackable.partner_id)

    def test_one_copy_to_several_addresses_of_a_partner(self):
        """Neither separate emails nor the company's setting would help."""
        self.customer.email = "carla@customer.example.org, carla@home.example.org"
        for is_allowed in (False, True):
            self.env.company.track_several_recipients = is_allowed
            self.inbox.emails.clear()
            self.assertRefused(self.post(), "shared_copy")

    def test_a_partner_with_two_addresses_and_another_partner(self):
        self.customer.email = "carla@customer.example.org, carla@home.example.org"
        both = (self.customer + self.other).ids
        self.assertRefused(self.post(partner_ids=both), "several_recipients")
        # The other recipient is not tracked either, so the copy is the only obstacle.
        self.other.tracking_consent = "objected"
        self.inbox.emails.clear()
        self.assertRefused(self.post(partner_ids=both), "shared_copy")

    def test_plain_addresses_share_a_copy(self):
        message = self.post(
            partner_ids=[],
            outgoing_email_to="a@other.example.org, b@other.example.org",
        )
        self.assertRefused(message, "shared_copy")

    def test_two_partners_with_one_address_count_once(self):
        self.other.email = "CARLA@customer.example.org"
        message = self.post(partner_ids=(self.customer + self.other).ids)
        self.assertTrue(message.is_tracked)
        self.assertEqual(len(self.trackable_emails(message)), 2)

    def test_a_portal_user_is_a_customer(self):
        portal = new_test_user(
            self.env, "petra", "base.group_portal", email="petra@portal.example.org"
        )
        self.inbox.emails.clear()  # the invitation
        message = self.post(partner_ids=portal.partner_id.ids)
        self.assertTrue(message.is_tracked)
        self.assertTracked(*self.inbox.emails)

    def test_colleagues_do_not_count_and_get_untracked_copies(self):
        self.lead.message_subscribe(self.colleague.partner_id.ids)
        message = self.post('<a href="https://x.com">x</a>')
        self.assertTrue(message.is_tracked)
        self.assertEqual(len(self.inbox.emails), 2)
        for delivered in self.inbox.emails:
            if self.customer.email in delivered.recipients:
                self.assertTracked(delivered)
            else:
                self.assertUntracked(delivered)
        self.assertEqual(self.trackable_emails(message).partner_id, self.customer)

    def test_all_recipients_are_colleagues(self):
        message = self.post(partner_ids=self.colleague.partner_id.ids)
        self.assertRefused(message, "no_recipient")

    def test_a_colleagues_address_without_a_contact(self):
        message = self.post(partner_ids=[], outgoing_email_to="colin@acme.example.com")
        self.assertRefused(message, "no_recipient")

    def test_no_recipient(self):
        message = self.post(partner_ids=[])
        self.assertFalse(message.is_tracked)
        self.assertEqual(message.sudo().untracked_reason, "no_recipient")

    def test_a_recipient_added_later(self):
        """The first copy stays tracked; the copy to the second recipient is not."""
        message = self.post()
        self.inbox.emails.clear()
        self.lead._notify_thread(
            message,
            {"partner_ids": (self.customer + self.other).ids},
            skip_existing=True,
        )
        self.assertEqual(len(self.inbox.emails), 1)
        self.assertEqual(message.sudo().untracked_reason, "several_recipients")
        for delivered in self.inbox.emails:
            self.assertUntracked(delivered)
        self.assertEqual(self.trackable_emails(message).partner_id, self.customer)

    def test_a_log_note(self):
        message = self.post(subtype_xmlid="mail.mt_note")
        self.assertRefused(message, "note")

    def test_only_colleagues_may_ask(self):
        portal = new_test_user(
            self.env, "peter", "base.group_portal", email="p@p.example.org"
        )
        channel = self.env["discuss.channel"].create(
            {"name": "x", "channel_type": "group"}
        )
        channel.add_members((portal + self.salesperson).partner_id.ids)
        for user, tracked in ((portal, False), (self.salesperson, True)):
            message = channel.with_user(user).message_post(
                body="x",
                is_tracked=True,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            # No recipient got an email. The reason shows that tracking was requested.
            self.assertEqual(bool(message.sudo().untracked_reason), tracked)

    def test_a_private_address(self):
        for url in ("http://localhost:8069", "http://10.0.0.5", "http://odoo"):
            with self.subTest(url=url):
                self.inbox.emails.clear()
                self.set_base_url(url)
                with self.assertLogs(
                    "odoo.addons.pipeline_tracking", "WARNING"
                ) as logs:
                    message = self.post('<a href="https://x.com">x</a>')
                self.assertRefused(message, "private_url")
                self.assertIn("web.base.url", logs.output[0], "the remedy")

    def test_a_private_address_is_allowed_for_demos(self):
        self.set_base_url("http://localhost:8069")
        self.env["ir.config_parameter"].set_param(
            "pipeline_tracking.allow_private_url", "True"
        )
        self.assertTrue(self.post().is_tracked)
        self.assertTracked(*self.inbox.emails)
        self.env["ir.config_parameter"].set_param(
            "pipeline_tracking.allow_private_url", "False"
        )
        self.assertFalse(self.post().is_tracked)

    # ------------------------------------------------------------
    # Outgoing emails without a posted message
    # ------------------------------------------------------------

    def mail(self, **values):
        mail = self.env["mail.mail"].create(
            {"subject": "Hi", "body_html": "<p>Hi</p>", "is_tracked": True, **values}
        )
        message = mail.mail_message_id
        mail.send()
        return message

    def test_a_mail_to_one_recipient(self):
        self.assertTrue(self.mail(email_to="a@x.example.org").is_tracked)
        self.assertTracked(*self.inbox.emails)

    def test_a_mail_to_two_recipients(self):
        for reason, values in (
            ("shared_copy", {"email_to": "a@x.example.org, b@x.example.org"}),
            (
                "shared_copy",
                {"email_to": "a@x.example.org", "email_cc": "b@x.example.org"},
            ),
            (
                "several_recipients",
                {"email_to": "a@x.example.org", "recipient_ids": self.customer.ids},
            ),
            (
                "several_recipients",
                {"recipient_ids": (self.customer + self.other).ids},
            ),
        ):
            with self.subTest(values=values):
                self.inbox.emails.clear()
                self.assertRefused(self.mail(**values), reason)

    def test_a_mail_with_a_colleague_in_copy(self):
        """Both recipients get the same copy, so an open has no known recipient."""
        message = self.mail(email_to="a@x.example.org", email_cc=self.colleague.email)
        self.assertRefused(message, "shared_copy")

    def test_a_mail_to_a_customer_and_a_colleague(self):
        """Each recipient gets a separate copy."""
        message = self.mail(
            recipient_ids=(self.customer + self.colleague.partner_id).ids
        )
        self.assertTrue(message.is_tracked)
        self.assertEqual(self.trackable_emails(message).partner_id, self.customer)
