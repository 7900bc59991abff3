"""The copy sent over SMTP has tracked links and an image, and no other changes."""

import smtplib
from contextlib import suppress
from unittest.mock import patch

from markupsafe import Markup

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import BASE_URL, TRACKED_URL, TrackingCase

URL = "https://shop.example.net/p?a=1&b=%C3%A9#top"
LINK = f'<p>See <a href="{URL.replace("&", "&amp;")}">our prices</a></p>'


@tagged("post_install", "-at_install")
class TestSending(TrackingCase):
    def test_the_copy_has_an_image_and_tracked_links(self):
        delivered, trackable = self.send(LINK)
        self.assertTracked(delivered)
        self.assertTrue(delivered.image_urls[0].startswith(f"{BASE_URL}/t/"))
        self.assertRegex(delivered.links["our prices"], TRACKED_URL)
        self.assertEqual(
            [(link.url, link.label) for link in trackable.link_ids],
            [(URL, "our prices")],
        )

    def test_links_in_the_plain_text_part_are_tracked(self):
        delivered, _trackable = self.send(LINK)
        self.assertIn(delivered.links["our prices"], delivered.text)
        self.assertNotIn("shop.example.net", delivered.text)
        self.assertNotIn(".gif", delivered.text)

    def test_stored_bodies_have_no_tracked_urls(self):
        message = self.post(LINK)
        for stored in (message.body, *message.sudo().mail_ids.mapped("body_html")):
            self.assertNotRegex(stored, TRACKED_URL)
            self.assertIn("shop.example.net", stored)

    def test_values_of_the_trackable_email(self):
        _delivered, trackable = self.send()
        self.assertRecordValues(
            trackable,
            [
                {
                    "partner_id": self.customer.id,
                    "email_to": "carla@customer.example.org",
                    "subject": "Proposal",
                    "res_model": "crm.lead",
                    "res_id": self.lead.id,
                    "user_id": self.salesperson.id,
                    "company_id": self.env.company.id,
                    "open_count": 0,
                    "click_count": 0,
                }
            ],
        )
        self.assertTrue(trackable.sent_date)
        self.assertTrue(trackable.mail_mail_id_int)

    def test_each_destination_has_one_tracked_url(self):
        body = LINK + LINK + '<a href="http://other.example.net">other</a>'
        delivered, trackable = self.send(body)
        self.assertEqual(len(trackable.link_ids), 2)
        self.assertEqual(len(set(delivered.tracked_urls)), 3, "two links and the image")
        self.assertEqual(len(delivered.tracked_urls), 4)

    def test_relative_links_become_absolute_first(self):
        _delivered, trackable = self.send('<a href="/shop?x=1">shop</a>')
        self.assertEqual(trackable.link_ids.url, f"{BASE_URL}/shop?x=1")

    def test_links_marked_as_untracked(self):
        delivered, trackable = self.send(
            '<a data-untracked="1" href="https://x.com/1">one</a>'
            ' <a href="https://x.com/2">two</a>'
        )
        self.assertEqual(delivered.links["one"], "https://x.com/1")
        self.assertEqual(trackable.link_ids.mapped("url"), ["https://x.com/2"])

    def test_links_whose_text_is_an_address(self):
        body = '<a href="https://x.com/?a=1">https://x.com</a>'
        delivered, _trackable = self.send(body)
        self.assertRegex(delivered.links["https://x.com"], TRACKED_URL)
        self.env.company.track_address_links = False
        delivered, trackable = self.send(body)
        self.assertEqual(delivered.links["https://x.com"], "https://x.com/?a=1")
        self.assertTracked(delivered)
        self.assertFalse(trackable.link_ids)

    # ------------------------------------------------------------
    # Bodies of real emails
    # ------------------------------------------------------------

    def mail(self, body):
        self.inbox.emails.clear()
        mail = self.env["mail.mail"].create(
            {
                "subject": "Hi",
                "body_html": body,
                "is_tracked": True,
                "recipient_ids": self.customer.ids,
            }
        )
        mail.send()
        (delivered,) = self.inbox.emails
        return delivered

    def test_bodies(self):
        for body in (
            "",
            False,
            "<p></p>",
            "just text & <3",
            "<p>unclosed <b>bold",
            "<html><body><p>document</p></body></html>",
            "<body>no html",
            "text</p></div></body></html>",
            "<<>><a href=><a href='",
        ):
            with self.subTest(body=body):
                self.assertTracked(self.mail(body))

    def test_five_megabytes(self):
        body = '<p>x <a href="https://x.com/%d">y</a></p>'
        count = 5_000_000 // len(body)
        delivered = self.mail("".join(body % (number % 100) for number in range(count)))
        self.assertTracked(delivered)
        self.assertEqual(len(delivered.tracked_urls), count + 1)
        self.assertEqual(len(set(delivered.tracked_urls)), 101)

    # ------------------------------------------------------------
    # Errors and retries
    # ------------------------------------------------------------

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_a_retry_reuses_the_trackable_email(self):
        self.inbox.refuses = True
        message = self.post(LINK)
        self.assertFalse(self.inbox.emails)
        trackable = self.trackable_emails(message)
        self.assertEqual(len(trackable), 1)
        self.assertFalse(trackable.sent_date, "the mail server refused the email")

        self.inbox.refuses = False
        mail = message.sudo().mail_ids
        mail.mark_outgoing()
        mail.send()
        (delivered,) = self.inbox.emails
        self.assertTracked(delivered)
        self.assertEqual(self.trackable_emails(message), trackable, "no second one")
        self.assertEqual(len(trackable.link_ids), 1)
        self.assertTrue(trackable.sent_date)

    def test_a_failed_resend_keeps_the_sent_date(self):
        """The trackable email of an earlier successful attempt does not change."""
        _delivered, trackable = self.send(LINK)
        sent_date = trackable.sent_date
        mail = self.env["mail.mail"].create(
            {
                "mail_message_id": trackable.mail_message_id.id,
                "body_html": LINK,
                "recipient_ids": self.customer.ids,
            }
        )
        self.inbox.refuses = True
        with mute_logger("odoo.addons.mail.models.mail_mail"):
            mail.send()
        self.assertEqual(mail.state, "exception")
        self.assertEqual(trackable.sent_date, sent_date)
        self.assertEqual(self.trackable_emails(trackable.mail_message_id), trackable)

    def test_the_connection_breaks_in_the_middle_of_a_batch(self):
        mails = self.env["mail.mail"].create(
            [
                {
                    "body_html": LINK,
                    "is_tracked": True,
                    "email_to": f"{name}@x.example.org",
                }
                for name in "abc"
            ]
        )
        Server = self.registry["ir.mail_server"]
        send_email, sent_messages = Server.send_email, []

        def break_at_second(server, message, *args, **kwargs):
            if sent_messages:
                raise smtplib.SMTPServerDisconnected("gone")
            sent_messages.append(message)
            return send_email(server, message, *args, **kwargs)

        with (
            patch.object(Server, "send_email", break_at_second),
            mute_logger("odoo.addons.mail.models.mail_mail"),
            # Odoo's assertRaises would roll back the transaction.
            suppress(smtplib.SMTPServerDisconnected),
        ):
            mails.send()
        trackables = [self.trackable_emails(mail.mail_message_id) for mail in mails]
        sent = [trackable for trackable in trackables if trackable.sent_date]
        self.assertEqual(len(sent), 1)

    def test_additions_of_another_module_appear_once(self):
        """The other module changes the body after this addon has cached the body."""
        Mail = self.registry["mail.mail"]
        prepare = Mail._prepare_outgoing_body

        def add_footer(mail):
            return prepare(mail) + '<p><a href="https://x.com/f">more</a></p>'

        with patch.object(Mail, "_prepare_outgoing_body", add_footer):
            delivered, trackable = self.send(LINK)
        self.assertTracked(delivered)
        self.assertEqual(delivered.html.count(">more</a>"), 1)
        self.assertEqual(trackable.link_ids.mapped("url"), [URL])

    def test_a_retry_to_a_plain_address(self):
        mail = self.env["mail.mail"].create(
            {"body_html": LINK, "is_tracked": True, "email_to": "a@x.example.org"}
        )
        with (
            patch.object(self.inbox, "refuses", True),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            mail.send()
        mail.mark_outgoing()
        mail.send()
        self.assertEqual(len(self.inbox.emails), 1)
        self.assertEqual(len(self.trackable_emails(mail.mail_message_id)), 1)

    def test_without_a_key(self):
        self.env["trackable.key"].sudo().search([]).unlink()
        self.env.registry.clear_cache()
        with self.assertLogs("odoo.addons.pipeline_tracking", "ERROR"):
            self.post(LINK)
        self.assertUntracked(*self.inbox.emails)

    def test_old_emails_work_after_a_key_rotation(self):
        old, trackable = self.send(LINK)
        self.env["trackable.key"]._rotate()
        self.hit(old.image_urls[0])
        self.process()
        self.assertCounts(trackable, opens=1, clicks=0)
        self.inbox.emails.clear()
        new, trackable = self.send(LINK)
        self.hit(new.image_urls[0])
        self.process()
        self.assertCounts(trackable, opens=1, clicks=0)

    def test_markup_in_the_body_is_unchanged(self):
        body = Markup(
            '<p title="a&quot;b">é &lt;b&gt; &amp; <a href="https://x.com">x</a></p>'
        )
        tracked, trackable = self.send(body)
        self.inbox.emails.clear()
        self.post(body, is_tracked=False)
        (untracked,) = self.inbox.emails
        restored = tracked.html.replace(tracked.links["x"], "https://x.com")
        start = restored.index(f'<img src="{tracked.image_urls[0]}"')
        restored = restored[:start] + restored[restored.index(">", start) + 1 :]
        self.assertEqual(restored, untracked.html)
        self.assertEqual(trackable.link_ids.url, "https://x.com")
