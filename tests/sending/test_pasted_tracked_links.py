"""Tracked URLs that users paste or forward are neither stored nor sent again."""

import html as html_lib
from unittest.mock import patch
from urllib.parse import quote

from markupsafe import Markup

from odoo.tests import tagged

from ..common import BASE_URL, TRACKED_URL
from ..helpers.incoming_reply_case import (
    FOREIGN,
    FOREIGN_TOKEN,
    OTHER_URL,
    URL,
    IncomingReplyCase,
    gmail_image,
    safe_link,
)


@tagged("post_install", "-at_install")
class TestPasting(IncomingReplyCase):
    def pasted(self):
        """Return HTML with tracked URLs, as after pasting into the editor."""
        return Markup(
            "<p>Look:</p>"
            + self.edited(self.delivered.html, link=safe_link, image=gmail_image)
            + self.delivered.html
            + FOREIGN
        )

    def assertNotSentAgain(self, delivered):
        for old in set(self.delivered.tracked_urls):
            for text in (delivered.html, delivered.text):
                self.assertNotIn(old, text)
                self.assertNotIn(quote(old, safe=""), text)
        self.assertIn(f'/t/{FOREIGN_TOKEN}.gif"', delivered.html, "not signed by us")

    def assertStoredClean(self, message):
        bodies = [message.body, *message.sudo().mail_ids.mapped("body_html")]
        for body in bodies:
            self.assertRestored(body.replace(FOREIGN_TOKEN, "").replace("/t/", "/", 3))

    def test_posted_untracked(self):
        message = self.post(self.pasted(), is_tracked=False)
        (delivered,) = self.inbox.emails
        self.assertStoredClean(message)
        self.assertNotSentAgain(delivered)
        self.assertEqual(delivered.links["our prices"], URL)
        self.assertEqual(delivered.html.count(html_lib.escape(URL)), 2)

    def test_posted_tracked(self):
        delivered, trackable = self.send(self.pasted())
        self.assertStoredClean(trackable.mail_message_id)
        self.assertNotSentAgain(delivered)
        self.assertNotEqual(trackable, self.trackable)
        self.assertLess(
            {URL, OTHER_URL}, set(trackable.link_ids.sudo().mapped("url")), "new links"
        )
        self.assertRegex(delivered.links["our prices"], TRACKED_URL)
        self.assertEqual(
            [url for url in delivered.image_urls if url.startswith(BASE_URL)],
            delivered.image_urls[-1:],
        )
        self.hit(delivered.links["our prices"])
        self.process()
        self.assertCounts(trackable, opens=1, clicks=1)  # an open is inferred
        self.assertCounts(self.trackable, opens=0, clicks=0)

    def test_composed(self):
        composer = self.full_composer().create(
            {
                "subject": "Fwd",
                "body": self.pasted(),
                "partner_ids": self.customer.ids,
                "is_tracked": False,
            }
        )
        _mails, message = composer._action_send_mail()
        self.assertStoredClean(message)
        self.assertNotSentAgain(*self.inbox.emails)

    def test_a_note(self):
        note = self.lead.with_user(self.salesperson).message_post(body=self.pasted())
        self.assertStoredClean(note)

    def test_posted_as_text(self):
        text = f"See {self.delivered.links['our prices']}."
        message = self.lead.message_post(body=text)
        self.assertEqual(message.body, f"<p>See {html_lib.escape(URL)}.</p>")

    def test_edited(self):
        message = self.post("<p>Hello</p>", is_tracked=False)
        self.lead._message_update_content(message, body=self.pasted(), strict=False)
        self.assertStoredClean(message)
        message.body = "<p>Hello</p>"
        message.write({"body": self.pasted(), "subject": "x"})
        self.assertStoredClean(message)
        self.assertEqual(message.subject, "x")
        message.write({"body": False})
        self.assertFalse(message.body)

    def test_mail_without_a_post(self):
        for tracked in (False, True):
            with self.subTest(tracked=tracked):
                self.inbox.emails.clear()
                mail = self.env["mail.mail"].create(
                    {
                        "subject": "Hi",
                        "body_html": self.pasted(),
                        "is_tracked": tracked,
                        "recipient_ids": self.customer.ids,
                    }
                )
                mail.send()
                (delivered,) = self.inbox.emails
                self.assertNotSentAgain(delivered)
                if not tracked:
                    self.assertEqual(delivered.links["our prices"], URL)

    def test_a_template(self):
        template = self.env["mail.template"].create(
            {
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "subject": "Hi",
                "body_html": self.pasted(),
                "partner_to": "{{ object.partner_id.id }}",
            }
        )
        template.send_mail(self.lead.id, force_send=True)
        (delivered,) = self.inbox.emails
        self.assertNotSentAgain(delivered)

    def test_an_error_while_restoring_does_not_stop_the_email(self):
        with (
            patch.object(
                self.registry["trackable.link"],
                "_find_urls_by_tokens",
                side_effect=ZeroDivisionError,
            ),
            self.assertLogs("odoo.addons.pipeline_tracking", "ERROR"),
        ):
            self.post(self.pasted(), is_tracked=False)
        (delivered,) = self.inbox.emails
        self.assertIn("our prices", delivered.html)

    def test_a_text_without_tracked_urls_costs_no_query(self):
        body = Markup(f"<p>x</p><a href='https://x.example.com/t/about'>{'y' * 99}</a>")
        with self.assertQueryCount(0):
            self.assertIs(self.env["trackable.link"]._restore_html(body), body)
        for nothing in (False, None, ""):
            self.assertIs(self.env["trackable.link"]._restore_html(nothing), nothing)

    def test_all_links_of_a_text_cost_one_query(self):
        keys_are_cached = self.env["trackable.key"]._get_keys()
        self.assertTrue(keys_are_cached)
        html = self.delivered.html * 3
        self.env.flush_all()
        with self.assertQueryCount(3):  # including two for a savepoint
            restored = self.env["trackable.link"]._restore_html(html)
        self.assertIs(type(restored), str)
        self.assertRestored(restored)

    def test_scheduled_for_later(self):
        """The chatter shows the body of a scheduled message until it is sent."""
        scheduled = self.env["mail.scheduled.message"].create(
            {
                "author_id": self.salesperson.partner_id.id,
                "model": self.lead._name,
                "res_id": self.lead.id,
                "body": self.pasted(),
                "scheduled_date": "2100-01-01",
            }
        )
        self.assertRestored(
            scheduled.body.replace(FOREIGN_TOKEN, "").replace("/t/", "/", 3)
        )
        scheduled.body = self.pasted()
        self.assertRestored(
            scheduled.body.replace(FOREIGN_TOKEN, "").replace("/t/", "/", 3)
        )
