"""Odoo stores replies, forwards and bounces of tracked emails without tracked URLs."""

import html as html_lib
import re
from email import message_from_bytes, message_from_string
from email.message import EmailMessage
from email.policy import default as default_policy
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import BASE_URL, TRACKED_URL
from ..helpers.incoming_reply_case import (
    BODY,
    FOREIGN,
    FOREIGN_TOKEN,
    OTHER_URL,
    URL,
    IncomingReplyCase,
    gmail_image,
    safe_link,
)


@tagged("post_install", "-at_install")
class TestReplies(IncomingReplyCase):
    def test_gmail_reply(self):
        quoted = self.edited(self.delivered.html, image=gmail_image)
        self.assertIn("googleusercontent", quoted)
        html = (
            '<div dir="ltr">Thank you!</div><br><div class="gmail_quote">'
            '<div dir="ltr" class="gmail_attr">On Mon, Sally wrote:<br></div>'
            f'<blockquote class="gmail_quote">{quoted}</blockquote></div>'
        )
        message = self.receive(self.reply(html=html, text="Thank you!"))
        self.assertEqual((message.model, message.res_id), ("crm.lead", self.lead.id))
        self.assertIn("Thank you!", message.body)
        self.assertNotIn("googleusercontent", message.body)
        self.assertRestored(message.body)

    def test_outlook_reply(self):
        quoted = self.edited(self.delivered.html, link=safe_link, image=safe_link)
        html = (
            '<html xmlns:v="urn:schemas-microsoft-com:vml"><body>'
            '<div class="WordSection1"><p class="MsoNormal">Thank you</p><div '
            'style="border:none;border-top:solid #E1E1E1 1.0pt"><b>From:</b> Sally'
            f"</div>{quoted}</div></body></html>"
        )
        message = self.receive(self.reply(html=html, encoding="base64"))
        self.assertNotIn("safelinks", message.body)
        self.assertRestored(message.body)

    def test_apple_mail_reply(self):
        html = (
            '<html><body style="overflow-wrap: break-word;">Thanks<br><div><blockquote'
            f' type="cite"><div>On 1 Jan, Sally wrote:</div>{self.delivered.html}'
            "</blockquote></div></body></html>"
        )
        text = "Thanks\n\n> On 1 Jan, Sally wrote:\n> " + self.delivered.text
        self.assertRestored(self.receive(self.reply(html=html, text=text)).body)

    def test_plain_text_reply(self):
        links = self.delivered.links
        (image,) = self.delivered.image_urls
        text = (
            "Thanks, I'll see.\n\n> On 1 Jan, Sally wrote:\n>\n"
            f"> See our prices <{links['our prices']}> and the manual\n"
            f"> <{safe_link(links['the manual'])}>.\n> [{image}]\n> <{image}>\n"
            f"({links['our prices']}).\n"
        )
        for encoding in ("quoted-printable", "base64"):
            with self.subTest(encoding=encoding):
                reply = self.reply(
                    text=text,
                    encoding=encoding,
                    **{"Message-Id": f"<{encoding}@customer.example.org>"},
                )
                body = self.receive(reply).body
                self.assertRestored(body, links=False)
                self.assertIn(f"prices &lt;{html_lib.escape(URL)}&gt; and", body)
                self.assertIn(f"&lt;{html_lib.escape(OTHER_URL)}&gt;.", body)
                self.assertIn(f"({html_lib.escape(URL)}).", body)
                self.assertRegex(body, r"\n&gt; \n&gt; (</span>)?\n\(")

    def test_forward_that_creates_a_record(self):
        """A colleague forwards the email to an alias."""
        html = (
            "<p>FYI</p><div>---------- Forwarded message ---------</div>"
            + self.edited(self.delivered.html, link=safe_link, image=gmail_image)
        )
        forward = self.reply(
            html=html,
            **{
                "From": "colin@acme.example.com",
                "Subject": "Fwd: Proposal",
                "In-Reply-To": "",
                "References": "",
            },
        )
        message = self.receive(forward, model="crm.lead")
        self.assertEqual(message.model, "crm.lead")
        self.assertNotEqual(message.res_id, self.lead.id)
        self.assertRestored(message.body)

    def test_body_that_models_get_is_cleaned(self):
        reply = self.reply(html=self.delivered.html)
        message_dict = self.env["mail.thread"].message_parse(reply)
        self.assertRestored(message_dict["body"])

    def original(self, *, text=True):
        """Build the email that the customer attaches: the delivered copy."""
        original = EmailMessage()
        original["Subject"] = "Proposal"
        original["From"] = "sally@acme.example.com"
        if text:
            original.set_content(self.delivered.text)
            original.add_alternative(self.delivered.html, subtype="html")
        else:
            original.set_content(self.delivered.html, subtype="html", cte="base64")
        return original

    def assertRestoredFile(self, attachment):
        """Assert that an attachment is an intact email without tracked URLs."""
        email = message_from_bytes(attachment.raw, policy=default_policy)
        self.assertEqual(email["Subject"], "Proposal")
        self.assertFalse(email.defects)
        self.assertRestored(email.get_body(["html"]).get_content())
        for part in email.walk():
            if part.get_content_maintype() == "text":
                self.assertNotIn("/t/", part.get_content())
        return email

    def test_attached_email(self):
        self.env.company.tracking_objection_link = True
        self.delivered, self.trackable = self.send(BODY)
        self.assertIn("/t/stop/", self.delivered.html)
        forward = self.reply(text="FYI")
        forward.add_attachment(self.original())
        message = self.receive(forward)
        self.assertRestored(message.body, links=False)
        # Odoo also attaches the text part of the email separately.
        text, file = message.attachment_ids.sorted("mimetype", reverse=True)
        self.assertIn(URL, text.raw.decode())
        self.assertNotIn(b"/t/", text.raw)
        email = self.assertRestoredFile(file)
        self.assertIn(URL, email.get_body(["plain"]).get_content())
        self.assertNotIn("&amp;", email.get_body(["plain"]).get_content())

    def test_email_attached_to_an_attached_email(self):
        forward = self.reply(text="FYI")
        inner = EmailMessage()
        inner["Subject"] = "Fwd: Proposal"
        inner.set_content("FYI")
        inner.add_attachment(self.original(text=False))
        forward.add_attachment(inner)
        message = self.receive(forward)
        self.assertTrue(message.attachment_ids)
        for attachment in message.attachment_ids:
            for part in message_from_bytes(attachment.raw).walk():
                content = part.get_payload(decode=True) or b""
                self.assertNotIn(b"/t/", content)

    def test_attached_eml_file(self):
        forward = self.reply(text="FYI")
        forward.add_attachment(
            self.original(text=False).as_bytes(),
            maintype="application",
            subtype="octet-stream",
            filename="Proposal.eml",
        )
        message = self.receive(forward)
        self.assertRestoredFile(message.attachment_ids)

    def test_saved_original_email(self):
        message_dict = self.env["mail.thread"].message_parse(
            self.reply(html=self.delivered.html), save_original=True
        )
        (attachment,) = message_dict["attachments"]
        self.assertEqual(attachment.fname, "original_email.eml")
        original = message_from_string(attachment.content, policy=default_policy)
        self.assertRestored(original.get_content())

    def test_other_attachments_do_not_change(self):
        other = EmailMessage()
        other["Subject"] = "Other"
        other.set_content(FOREIGN, subtype="html")
        files = {
            "other.eml": other.as_bytes(),
            "broken.eml": b"\xff\x00 not an email",
            "page.html": self.delivered.html.encode(),
            "a.pdf": b"%PDF-1.4",
        }
        reply = self.reply(text="FYI")
        for name, content in files.items():
            reply.add_attachment(
                content, maintype="application", subtype="octet-stream", filename=name
            )
        attachments = self.receive(reply).attachment_ids
        self.assertEqual({file.name: file.raw for file in attachments}, files)

    def test_links_of_many_attached_emails_need_one_lookup(self):
        Link = self.registry["trackable.link"]
        lookups = []
        find_urls = Link._find_urls_by_tokens

        def count(records, tokens):
            lookups.append(len(tokens))
            return find_urls(records, tokens)

        self.patch(Link, "_find_urls_by_tokens", count)
        reply = self.reply(text="FYI")
        for _number in range(5):
            reply.add_attachment(self.original(text=False))
        message = self.receive(reply)
        self.assertEqual(len(message.attachment_ids), 5)
        for attachment in message.attachment_ids:
            self.assertRestoredFile(attachment)
        self.assertLessEqual(len([count for count in lookups if count]), 2)

    def flowed(self, text, **parameters):
        """Build a reply whose Content-Type has parameters such as format=flowed."""
        reply = self.reply(text=text)
        for name, value in parameters.items():
            reply.set_param(name, value)
        return reply

    def test_urls_broken_by_apple_mail(self):
        link = self.delivered.links["our prices"]
        (image,) = self.delivered.image_urls
        cut = link.index("/t/") + 30
        text = (
            "Thanks\n\n> On 1 Jan, Sally wrote:\n> \n"
            f"> See our prices <{link[:cut]} \n> {link[cut:]}> and\n"
            f"> <{image[:cut]} \n> {image[cut:]}>\n"
        )
        body = self.receive(self.flowed(text, format="flowed", delsp="yes")).body
        self.assertRestored(body, links=False)
        self.assertIn(f"prices &lt;{html_lib.escape(URL)}&gt; and", body)
        self.assertNotIn(image[cut:], body)
        self.assertNotIn(link[cut:], body)

    def test_urls_broken_after_a_slash(self):
        link = self.delivered.links["our prices"]
        cut = link.index("/t/") + len("/t/")
        text = f"Thanks\n\n> {link[:cut]} \n> {link[cut:]}\n> and \n> more"
        body = self.receive(self.flowed(text, format="flowed")).body
        self.assertRestored(body, links=False)
        self.assertIn(f"&gt; {html_lib.escape(URL)}\n", body)
        self.assertRegex(body, r"&gt; and \n&gt; more")

    def bounce(self, text):
        """Build a mail server's notification that it could not deliver the email."""
        mail_server = f"""\
From: MAILER-DAEMON@mx.customer.example.org (Mail Delivery System)
To: bounce@acme.example.com
Subject: Undelivered Mail Returned to Sender
Message-Id: <bounce@mx.customer.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=utf-8

{text}
--B
Content-Type: message/delivery-status

Final-Recipient: rfc822; carla@customer.example.org
Action: failed
Status: 5.1.1

--B
Content-Type: message/rfc822

"""
        original = bytes(self.delivered.message).decode()
        return (mail_server + original + "\n--B--\n").encode()

    def test_bounce(self):
        (image,) = self.delivered.image_urls
        link = self.delivered.links["our prices"]
        raw = self.bounce(f"<carla@customer.example.org> unknown\n{link}\n[{image}]\n")
        self.env["mail.thread"].message_process(None, raw)
        notification = self.trackable.mail_message_id.notification_ids.filtered(
            lambda notification: notification.res_partner_id == self.customer
        )
        self.assertEqual(notification.notification_status, "bounce")
        self.assertIn("unknown", notification.failure_reason)
        self.assertIn(URL, notification.failure_reason)
        self.assertNotIn("/t/", notification.failure_reason)

    def test_foreign_tracked_urls_do_not_change(self):
        html = f"<p>Hello</p>{FOREIGN}"
        body = self.receive(self.reply(html=html + self.delivered.html)).body
        self.assertEqual(len(TRACKED_URL.findall(body)), 2 + 1, "foreign URLs")
        self.assertIn(FOREIGN_TOKEN, body)
        self.assertIn("https://pixel.example.org/t/open.gif", body)
        for url in self.delivered.tracked_urls:
            self.assertNotIn(url, body)

    def test_cleaned_body_equals_that_of_an_untracked_email(self):
        """Cleaning changes nothing but the image and the addresses of links."""
        untracked = self.delivered.html
        for text, url in (("our prices", URL), ("the manual", OTHER_URL)):
            untracked = untracked.replace(
                self.delivered.links[text], html_lib.escape(url)
            )
        untracked = re.sub(r'<img src="[^"]*/t/[^"]*"[^>]*>', "", untracked)
        self.assertRestored(untracked)
        expected = self.receive(
            self.reply(html=untracked, **{"Message-Id": "<untracked@x.example.org>"})
        )
        self.assertEqual(
            self.receive(self.reply(html=self.delivered.html)).body, expected.body
        )

    def test_deleted_trackable_email(self):
        """Cleaning does not need the trackable email: tokens are signed."""
        self.trackable.unlink()
        self.assertRestored(self.receive(self.reply(html=self.delivered.html)).body)

    def test_deleted_links_do_not_change(self):
        self.trackable.link_ids.unlink()
        body = self.receive(self.reply(html=self.delivered.html)).body
        self.assertEqual(
            TRACKED_URL.findall(body), list(self.delivered.links.values())[:2]
        )

    def test_changed_key_and_host(self):
        self.env["trackable.key"]._rotate()
        self.set_base_url("https://new.acme.example.com")
        self.assertRestored(self.receive(self.reply(html=self.delivered.html)).body)

    def test_file_link(self):
        self.delivered, trackable = self.send(
            BODY, attachments=[("offer.pdf", b"%PDF-1.4")]
        )
        self.assertFalse(self.delivered.attachments)
        body = self.receive(self.reply(html=self.delivered.html)).body
        self.assertRestored(body)
        (link,) = trackable.link_ids.filtered("is_file")
        file = link.attachment_id
        self.assertIn(
            html_lib.escape(
                f"{BASE_URL}/web/content/{file.id}"
                f"?access_token={file.access_token}&download=true"
            ),
            body,
        )

    def test_withdrawn_file_link(self):
        self.delivered, trackable = self.send(
            BODY, attachments=[("offer.pdf", b"%PDF-1.4")]
        )
        (link,) = trackable.link_ids.filtered("is_file")
        link.action_withdraw_file()
        body = self.receive(self.reply(html=self.delivered.html)).body
        self.assertRestored(body)
        self.assertIn(link.url, body)

    def test_disabled_file_link(self):
        """The restored link to a disabled file has no access token."""
        self.delivered, trackable = self.send(
            BODY, attachments=[("offer.pdf", b"%PDF-1.4")]
        )
        (link,) = trackable.link_ids.filtered("is_file")
        access_token = link.attachment_id.access_token
        link.action_disable()
        body = self.receive(self.reply(html=self.delivered.html)).body
        self.assertRestored(body)
        self.assertIn(link.url, body)
        self.assertNotIn(access_token, body)
        self.assertNotIn("access_token", body)

    def test_unusual_bodies(self):
        for number, body in enumerate(("", " ", "<p></p>", "text < 3", "<<a href='")):
            with self.subTest(body=body):
                headers = {"Message-Id": f"<{number}@customer.example.org>"}
                self.assertTrue(self.receive(self.reply(html=body, **headers)))

    def test_error_while_cleaning_loses_no_email(self):
        with (
            patch.object(
                self.registry["trackable.link"],
                "_find_urls_by_tokens",
                lambda self, tokens: self.env.cr.execute("SELECT no_such_column"),
            ),
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.pipeline_tracking", "ERROR"),
        ):
            message = self.receive(self.reply(html=self.delivered.html))
        self.assertIn("our prices", message.body)
