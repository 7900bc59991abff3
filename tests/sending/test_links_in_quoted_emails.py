"""Links in a quoted email from an unknown sender are not tracked."""

from email.message import EmailMessage

from markupsafe import Markup

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import TrackingCase

THEIR_URL = "https://phish.example.org/login?brand=acme&x=1"
OUR_URL = "https://shop.example.net/p?a=1"
SIGNATURE = "https://www.acme.example.com/sally"
BODY = f'<div>See <a href="{OUR_URL}">our prices</a></div>'


@tagged("post_install", "-at_install")
class TestQuotesSent(TrackingCase):
    def setUp(self):
        super().setUp()
        self.question = self.receive_question()
        self.stranger = self.env["res.partner"].create(
            {"name": "Sven", "email": "sven@stranger.example.org"}
        )
        self.inbox.emails.clear()

    def receive_question(self):
        email = EmailMessage()
        email["From"] = "Sven <sven@stranger.example.org>"
        email["To"] = "leads@acme.example.com"
        email["Subject"] = "A question"
        email["Message-Id"] = "<question@stranger.example.org>"
        email.set_content("See this.")
        email.add_alternative(
            f'<html><body><p>See <a href="{THEIR_URL.replace("&", "&amp;")}">'
            "your bank</a></p></body></html>",
            subtype="html",
        )
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            lead_id = self.env["mail.thread"].message_process(
                "crm.lead", email.as_bytes()
            )
        lead = self.env["crm.lead"].browse(lead_id)
        lead.user_id = self.salesperson
        return lead.message_ids.filtered(lambda message: "your bank" in message.body)

    def compose(self, option, body):
        """Send a body as Odoo's composer renders it with the templates
        `mail.Message.bodyInReply` and `mail.Message.bodyInForward`.
        """
        lead = self.env["crm.lead"].browse(self.question.res_id)
        composer = self.full_composer(
            records=lead,
            default_body=Markup(body),
            default_composition_comment_option=option,
            default_partner_ids=self.stranger.ids,
            default_subtype_xmlid="mail.mt_comment",
        ).create({"is_tracked": True})
        _mails, messages = composer._action_send_mail()
        (delivered,) = [
            arrived
            for arrived in self.inbox.emails
            if self.stranger.email in arrived.recipients
        ]
        return delivered, self.trackable_emails(messages)

    def assertOnlyAuthorsLinksTracked(self, delivered, trackable, authors_texts):
        self.assertTracked(delivered)
        self.assertEqual(delivered.links["your bank"], THEIR_URL)
        self.assertIn(f'href="{THEIR_URL.replace("&", "&amp;")}"', delivered.html)
        for text in authors_texts:
            self.assertIn(delivered.links[text], delivered.tracked_urls)
        urls = trackable.link_ids.sudo().mapped("url")
        self.assertIn(OUR_URL, urls)
        self.assertNotIn(THEIR_URL, urls)
        self.assertFalse(self.env["trackable.link"].search([("url", "=", THEIR_URL)]))

    def test_reply_all(self):
        body = (
            f"{BODY}"
            '<div class="o-signature-container"><div data-o-mail-quote="1"><br>-- <br>'
            f'<a href="{SIGNATURE}">Sally</a></div></div>'
            '<div class="o_mail_reply_container" data-o-mail-quote="1">'
            '<div class="o_mail_reply_content"><div><span>On Mon, Jan 5, 2026 at 10:00'
            ' AM Sven <a href="mailto:sven@stranger.example.org" target="_blank">'
            "&lt;sven@stranger.example.org&gt;</a>wrote</span></div>"
            f"<blockquote>{self.question.body}</blockquote></div></div>"
        )
        delivered, trackable = self.compose("reply_all", body)
        self.assertOnlyAuthorsLinksTracked(
            delivered, trackable, ["our prices", "Sally"]
        )

    def test_forward(self):
        body = (
            f"{BODY}<div><span>---------- Forwarded message ----------</span><br>"
            "<span>Date: Mon, Jan 5, 2026 at 10:00 AM</span><br><span>From: Sven <a "
            'href="mailto:sven@stranger.example.org" target="_blank">'
            "&lt;sven@stranger.example.org&gt;</a></span><br>"
            f"<span>Subject: A question</span></div>{self.question.body}"
        )
        delivered, trackable = self.compose("forward", body)
        self.assertOnlyAuthorsLinksTracked(delivered, trackable, ["our prices"])

    def test_quoted_urls_in_the_plain_text_part(self):
        """Quoted URLs are unchanged in the plain-text part as well."""
        body = f"{BODY}<blockquote>{self.question.body}</blockquote>"
        delivered, _trackable = self.compose("reply_all", body)
        self.assertIn(THEIR_URL, delivered.text)
        self.assertNotIn(OUR_URL, delivered.text)

    def test_files_and_the_objection_link_after_a_quote(self):
        """Additions at the end are tracked, although the quote goes on to the end."""
        self.env.company.tracking_objection_link = True
        delivered, trackable = self.send(
            f"{BODY}<div>-----Original Message-----</div>{self.question.body}",
            attachments=[("offer.pdf", b"%PDF-1.4")],
        )
        self.assertFalse(delivered.attachments)
        self.assertEqual(delivered.links["your bank"], THEIR_URL)
        self.assertEqual(len(trackable.link_ids.filtered("is_file")), 1)
        self.assertIn("/t/stop/", delivered.html)
        self.assertNotIn("/web/content/", delivered.html)

    def test_the_button_of_the_layout_after_a_quote(self):
        delivered, trackable = self.send(
            f"{BODY}<div>-----Original Message-----</div>{self.question.body}",
            email_layout_xmlid="mail.mail_notification_light",
        )
        self.assertEqual(delivered.links["your bank"], THEIR_URL)
        self.assertIn(OUR_URL, trackable.link_ids.sudo().mapped("url"))
