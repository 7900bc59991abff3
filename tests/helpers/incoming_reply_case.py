"""An email that a customer received, and replies as email clients write them."""

import html as html_lib
from email.message import EmailMessage
from urllib.parse import quote

from lxml import html as lxml_html

from odoo.tools import mute_logger

from ..common import TrackingCase

URL = "https://shop.example.net/p?a=1&b=%C3%A9#top"
OTHER_URL = "https://docs.example.net/x_(y)?q=a+b"
BODY = (
    f'<p>See <a href="{html_lib.escape(URL)}">our prices</a> and'
    f' <a href="{html_lib.escape(OTHER_URL)}">the manual</a>.</p>'
)
# HTML of another sender who uses this addon, and of a sender who does not.
FOREIGN_TOKEN = "EQEBAAAAAQEAAAABAAAAAAAAAAAAAAAA"
FOREIGN = (
    f'<a href="https://odoo.other.example.org/t/{FOREIGN_TOKEN}">theirs</a>'
    f'<img src="https://odoo.other.example.org/t/{FOREIGN_TOKEN}.gif">'
    '<img src="https://pixel.example.org/t/open.gif">'
)


def safe_link(url):
    """Return a URL as Exchange Online rewrites it in incoming emails."""
    return (
        "https://eur01.safelinks.protection.outlook.com/?url="
        + quote(url, safe="")
        + "&data=05%7C02%7Ccarla%40customer.example.org%7C1b2c%7C0%7C0%7C638%7CUnknown"
        "%7CTWFpbGZsb3d8%3D%3D%7C0%7C%7C%7C&sdata=Zm9v%2FYmFy%3D&reserved=0"
    )


def gmail_image(url):
    return f"https://ci3.googleusercontent.com/meips/ADKq_NZ-x8=s0-d-e1-ft#{url}"


class IncomingReplyCase(TrackingCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send(BODY)
        self.message_id = self.delivered.message["Message-Id"]
        self.inbox.emails.clear()

    def edited(self, html, *, link=None, image=None):
        """Return HTML with its tracked URLs edited, as an email client quotes it."""
        for url in set(self.delivered.tracked_urls):
            edit = image if url.endswith(".gif") else link
            if edit:
                html = html.replace(url, html_lib.escape(edit(url)))
        return html

    def reply(self, *, html=None, text=None, encoding="quoted-printable", **headers):
        """Return a reply to the email that arrived.

        :rtype: EmailMessage
        """
        reply = EmailMessage()
        headers = {
            "From": "Carla <carla@customer.example.org>",
            "To": "catchall@acme.example.com",
            "Subject": "Re: Proposal",
            "Message-Id": f"<reply-{self.id()}@customer.example.org>",
            "In-Reply-To": self.message_id,
            "References": self.message_id,
            **headers,
        }
        for name, value in headers.items():
            reply[name] = value
        if text is not None:
            reply.set_content(text, cte=encoding)
        if html is not None and text is not None:
            reply.add_alternative(html, subtype="html", cte=encoding)
        elif html is not None:
            reply.set_content(html, subtype="html", cte=encoding)
        return reply

    def receive(self, reply, model=None, **arguments):
        """Deliver a reply to Odoo's mail gateway; return the stored messages."""
        before = self.env["mail.message"].search([], order="id desc", limit=1)
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(
                model, reply.as_bytes(), **arguments
            )
        messages = self.env["mail.message"].search([("id", ">", before.id)])
        return messages.filtered(
            lambda message: message.message_id == reply["Message-Id"]
        )

    def assertRestored(self, body, *, links=True):
        """Assert that a body has no tracked URL, and that its links are as written."""
        self.assertNotRegex(body, r"/t/|%2[Ff]t%2[Ff]")
        tree = lxml_html.document_fromstring(str(body))
        self.assertFalse(
            [image for image in tree.iter("img") if "t/" in (image.get("src") or "")]
        )
        if links:
            hrefs = {link.text_content(): link.get("href") for link in tree.iter("a")}
            self.assertEqual(hrefs.get("our prices"), URL)
            self.assertEqual(hrefs.get("the manual"), OTHER_URL)
            self.assertIn(f'"{html_lib.escape(URL)}"', body)
